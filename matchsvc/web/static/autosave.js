/* Saves each place of a form while it is written. Without this file the button saves all of it.
   What somebody else wrote meanwhile is shown beside; nothing is overwritten, and nothing is kept
   in the browser. Leaving with something unsaved warns. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const says = form.dataset;
  const token = form.elements.csrf_token.value;
  const unsaved = new Set();
  const timers = new WeakMap();
  const busy = new WeakSet();

  const versionOf = (field) => form.elements[`version.${field.name}`];
  const tell = (field, ...lines) => {
    const place = field.closest("[data-cell]");
    const state = place && place.querySelector("[data-state]");
    if (state) state.replaceChildren(...lines.flatMap((line, n) => (n ? [document.createElement("br"), line] : [line])));
  };

  const save = async (field) => {
    if (busy.has(field)) return later(field, 600);
    busy.add(field);
    const sent = field.value;
    const body = new URLSearchParams({
      csrf_token: token,
      area: field.dataset.area,
      side: field.dataset.side,
      words: sent,
      version: versionOf(field).value,
    });
    tell(field, says.saysSaving);
    try {
      const answer = await fetch(says.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.ok) {
        versionOf(field).value = told.version;
        const now = new Date().toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit" });
        tell(field, `${says.saysSaved} ${now}`);
        if (field.value === sent) unsaved.delete(field);
        else later(field, 600);
      } else if (answer.status === 409 && "theirs" in told) {
        tell(field, says.saysTheirs, told.theirs || "–", says.saysKeep);
      } else {
        tell(field, told.says || told.detail || says.saysLost);
      }
    } catch {
      tell(field, says.saysLost);
      later(field, 8000);
    } finally {
      busy.delete(field);
    }
  };
  const later = (field, wait) => {
    clearTimeout(timers.get(field));
    timers.set(field, setTimeout(() => save(field), wait));
  };

  form.addEventListener("input", (event) => {
    if (!event.target.dataset.area) return;
    unsaved.add(event.target);
    later(event.target, 1200);
  });
  form.addEventListener("change", (event) => event.target.dataset.area && later(event.target, 0));
  form.addEventListener("submit", () => unsaved.clear());
  addEventListener("beforeunload", (event) => unsaved.size && event.preventDefault());
})();

/* Everything works without this file. It moves focus to errors, stops double sending, keeps answers
   on the page while the net is gone (nothing is stored in the browser), and closes open menus. */
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  root.classList.add("js");

  const first = document.querySelector("[data-focus]");
  if (first) {
    first.focus();
    if (first.dataset.title) document.title = first.dataset.title + document.title;
  }
  document.addEventListener("htmx:after:swap", (event) => {
    const found = event.target.querySelector && event.target.querySelector("[data-focus]");
    if (found) found.focus();
  });

  /* What was typed before htmx listened is answered, too. */
  setTimeout(() => {
    // htmx begins in a timeout of its own, set before this one.
    for (const field of all("form[hx-trigger^=input] textarea")) {
      if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  /* One sending at a time. */
  const waiting = new WeakSet();
  const hold = (form, on) => {
    if (on) waiting.add(form);
    else waiting.delete(form);
    for (const button of all("button:not([type=button])", form)) {
      if (on) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (waiting.has(form)) {
      event.preventDefault();
      return;
    }
    if ("keep" in form.dataset && !form.reached) {
      event.preventDefault();
      keep(form, event.submitter);
      return;
    }
    hold(form, true);
    setTimeout(() => hold(form, false), 10000); // a download leaves the page where it is
  });
  addEventListener("pageshow", () => all("form").forEach((form) => hold(form, false)));

  /* Without net: say so, keep the page, send when it is back. */
  const banner = document.querySelector("[data-offline]");
  const kept = new Map();
  const say = (text) => {
    if (banner && banner.textContent !== text) banner.textContent = text;
  };
  const answers = (form) => {
    const names = new Set();
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit") continue;
      const changed =
        field.type === "radio" || field.type === "checkbox"
          ? field.checked !== field.defaultChecked
          : field.tagName === "SELECT"
            ? [...field.options].some((option) => option.selected !== option.defaultSelected)
            : field.value !== field.defaultValue;
      if (changed) names.add(field.name);
    }
    return names.size;
  };
  const count = () => {
    const forms = kept.size ? [...kept.keys()] : all("form[data-keep]");
    const number = forms.reduce((sum, form) => sum + answers(form), 0);
    const texts = banner.dataset;
    say(number === 0 ? texts.none : number === 1 ? texts.one : texts.many.replace("#", number));
  };
  const reach = async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 4000);
    try {
      await fetch("/healthz", { cache: "no-store", signal: stop.signal });
      return true;
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  };
  const keep = async (form, submitter) => {
    hold(form, true);
    kept.set(form, submitter);
    if (await reach()) send();
    else if (banner) count();
  };
  const send = () => {
    for (const [form, submitter] of kept) {
      kept.delete(form);
      hold(form, false);
      form.reached = true;
      form.requestSubmit(submitter);
      form.reached = false;
    }
  };
  const again = async () => {
    if (await reach()) {
      if (kept.size) say(banner.dataset.sending);
      else say("");
      send();
    }
  };
  if (banner && document.querySelector("form[data-keep]")) {
    addEventListener("offline", count);
    addEventListener("online", again);
    document.addEventListener("input", () => banner.textContent && count());
    setInterval(() => banner.textContent && again(), 10000);
    addEventListener("beforeunload", (event) => {
      if (kept.size) event.preventDefault();
    });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    for (const menu of all("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("change", (event) => {
    const digits = /^(\d{4})(\d\d)(\d\d)$/.exec(event.target.value || "");
    if (digits && "date" in event.target.dataset) event.target.value = digits.slice(1).join("-");
  });
})();

/* The follow-up in a hand. One step at a time; what was answered is kept on the page and nowhere
   else until the server has it, however often the net is gone; leaving before that warns. Without
   this file all steps stand below each other and the form is sent as any other. */
(() => {
  "use strict";
  const LIMIT = 15000;
  const AGAIN = 5000;
  const banner = document.querySelector("[data-offline]");
  let form, steps;
  let isUnsent = false; // something was answered that the server does not have
  let isWanted = false; // somebody has pressed Save
  let isSending = false;
  let isTried = false; // a try may have reached the server although no answer came
  let isOut = false; // the log-in or its token has to be renewed first
  let timer = 0;

  const warn = (text) => {
    if (banner && banner.textContent !== text) banner.textContent = text;
  };
  const tell = (text) => {
    for (const place of form.querySelectorAll("[data-unsent]")) {
      place.hidden = !text;
      if (place.textContent !== text) place.textContent = text;
    }
  };

  /* Steps. A step with an error in it is shown first. */
  const show = (index, move) => {
    steps.forEach((step, place) => {
      step.hidden = place !== index;
    });
    if (index === steps.length - 1) sum();
    if (move) {
      const heading = steps[index].querySelector("h2");
      if (heading) heading.focus();
      scrollTo(0, 0);
    }
  };

  /* What is read aloud together: every question that has an answer, in the order of the form. */
  const words = (node) => (node ? node.childNodes[0].textContent.trim() : "");
  const said = (field) => {
    if (field.type === "checkbox" || field.type === "radio") {
      if (!field.checked) return "";
      return [...field.labels[0].querySelectorAll("span span")].map((one) => one.textContent).join(" ");
    }
    return field.tagName === "SELECT" ? (field.value && field.selectedOptions[0].text) : field.value.trim();
  };
  const sum = () => {
    const list = form.querySelector("[data-summary]");
    const without = list.dataset.leaveOut.split(" ");
    const told = new Map();
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || without.includes(field.name)) continue;
      const answer = field.labels && field.labels.length ? said(field) : "";
      if (!answer) continue;
      const isChoice = field.type === "radio" || field.type === "checkbox";
      const legend = isChoice && field.closest("fieldset").querySelector("legend");
      const label = words(legend || field.labels[0]) || field.labels[0].textContent.trim();
      told.set(field.name + label, [label, answer]);
    }
    list.replaceChildren(
      ...[...told.values()].map(([label, answer]) => {
        const row = document.createElement("li");
        const name = document.createElement("strong");
        name.textContent = label;
        row.append(name, document.createElement("br"), answer);
        return row;
      }),
    );
  };

  /* Sending. */
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(send, AGAIN);
  };
  const renew = async () => {
    const answer = await fetch(form.action, { cache: "no-store" });
    if (new URL(answer.url).pathname !== new URL(form.action).pathname) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("form input[name=csrf_token]");
    if (token) form.elements.csrf_token.value = token.value;
    isOut = !token;
    return Boolean(token);
  };
  const refused = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = page.querySelector("main");
    if (!main || !main.querySelector("form[data-follow-up]")) return false;
    document.querySelector("main").replaceWith(main);
    begin();
    isTried = isWanted = false;
    tell(form.dataset.saysUnsent);
    const first = main.querySelector("[data-focus]");
    if (first) first.focus();
    return true;
  };
  const answered = async (answer) => {
    const isHere = new URL(answer.url).pathname === new URL(form.action).pathname;
    if (answer.ok && isHere) {
      isUnsent = isWanted = false;
      location.assign((await answer.json()).saved);
    } else if (!isHere || answer.status === 400) {
      isOut = true;
      warn(form.dataset.saysOut);
      later();
    } else if (answer.status >= 500 || answer.status === 429) {
      warn(form.dataset.saysWaiting);
      later();
    } else if (!refused(await answer.text())) {
      isWanted = false;
      warn(form.dataset.saysRefused);
    } else warn("");
  };
  const send = async () => {
    if (isSending || !isWanted) return;
    isSending = true;
    clearTimeout(timer);
    tell(form.dataset.saysSending);
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), LIMIT);
    try {
      if (isOut && !(await renew())) throw new Error("logged out");
      isTried = true;
      const body = new URLSearchParams(new FormData(form));
      const headers = { Accept: "application/json" };
      await answered(await fetch(form.action, { method: "POST", body, headers, signal: stop.signal }));
    } catch {
      warn(isOut ? form.dataset.saysOut : form.dataset.saysWaiting);
      later();
    } finally {
      clearTimeout(limit);
      isSending = false;
      if (isUnsent) tell(form.dataset.saysUnsent);
    }
  };

  /* Other answers after a try that may have arrived are another version: neither is lost. */
  const changed = () => {
    isUnsent = true;
    if (!isSending) tell(form.dataset.saysUnsent);
    if (!isTried) return;
    isTried = false;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    form.elements.submission_id.value = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  };

  const begin = () => {
    form = document.querySelector("form[data-follow-up]");
    if (!form) return;
    steps = [...form.querySelectorAll("[data-step]")];
    steps.forEach((step, index) => {
      const next = step.querySelector("[data-next]");
      const back = step.querySelector("[data-back]");
      if (next) next.addEventListener("click", () => show(index + 1, true));
      if (back) back.addEventListener("click", () => show(index - 1, true));
    });
    for (const button of form.querySelectorAll("[data-all]")) {
      button.addEventListener("click", () => {
        const { all, value } = button.dataset;
        for (const field of form.querySelectorAll(`[name^="${all}-"][value="${value}"]`)) field.checked = true;
        changed();
      });
    }
    form.addEventListener("input", () => {
      changed();
      if (!steps[steps.length - 1].hidden) sum();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      isUnsent = isWanted = true;
      send();
    });
    const wrong = steps.findIndex((step) => step.querySelector(".ds-validation-message"));
    show(Math.max(wrong, 0), false);
  };

  // A link in the list of errors leads to a field that may lie in a hidden step.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const goal = link && document.getElementById(link.hash.slice(1));
    const place = goal ? steps.findIndex((step) => step.contains(goal)) : -1;
    if (place < 0) return;
    show(place, false);
    for (const fold of steps[place].querySelectorAll("details")) fold.open = fold.open || fold.contains(goal);
  });
  addEventListener("offline", () => warn(isWanted ? form.dataset.saysWaiting : form.dataset.saysOffline));
  addEventListener("online", () => {
    warn("");
    send();
  });
  addEventListener("beforeunload", (event) => isUnsent && event.preventDefault());
  begin();
})();

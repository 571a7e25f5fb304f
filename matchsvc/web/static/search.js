/* Shows the first hits while somebody writes: arrows choose, Enter opens, Escape closes. Without
   this file the box is a form. What is written is sent in the body and kept nowhere. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-search]");
  if (!form) return;
  const box = form.querySelector("input[name=q]");
  const found = form.querySelector(".find__found");
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-expanded", "false");
  found.id = "top-found-box";
  box.setAttribute("aria-controls", found.id);
  box.setAttribute("aria-autocomplete", "list");
  let timer = 0;
  let asked = 0;
  let at = -1;
  const options = () => [...found.querySelectorAll("[role=option]")];
  const close = () => {
    found.hidden = true;
    found.replaceChildren();
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const choose = (next) => {
    const all = options();
    if (!all.length) return;
    at = (next + all.length) % all.length;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    box.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  };
  const open = (option) => {
    if (option) location.assign(option.dataset.href);
  };
  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.search, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const words = answer.status === 200 ? await answer.text() : "";
      if (mine !== asked) return;
      if (!words || document.activeElement !== box) return close();
      found.innerHTML = words;
      found.hidden = false;
      at = -1;
      box.setAttribute("aria-expanded", String(options().length > 0));
    } catch {
      close();
    }
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.value.trim().length < 2) return close();
    timer = setTimeout(ask, 180);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      open(options()[at]);
    } else if (event.key === "Escape") close();
  });
  found.addEventListener("mousedown", (event) => open(event.target.closest("[role=option]")));
  box.addEventListener("blur", () => setTimeout(close, 150));
  addEventListener("keydown", (event) => {
    const typing = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== box.dataset.shortcut || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    box.focus();
  });
})();

/* Keys that lead somewhere: "?" shows the list, "g" and a letter go to a place, "n" writes a note.
   Only sent to readers who have not turned them off; silent while somebody writes. */
(() => {
  "use strict";
  const list = document.querySelector("dialog[data-shortcuts]");
  if (!list) return;
  const WAIT = 1500; // milliseconds between "g" and its letter
  let since = -WAIT;
  const busy = (event) =>
    event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing ||
    event.target.closest("input, textarea, select, [contenteditable], dialog, [popover]");
  const place = (letter) =>
    [...list.querySelectorAll("[data-key]")].find((link) => link.dataset.key === letter);
  const follow = (link, event) => {
    if (!link) return;
    event.preventDefault();
    location.assign(link.href);
  };
  addEventListener("keydown", (event) => {
    if (busy(event)) return;
    const after = event.timeStamp - since < WAIT;
    since = -WAIT;
    if (after) follow(place(event.key.toLowerCase()), event);
    else if (event.key === "g") since = event.timeStamp;
    else if (event.key === "n") follow(document.querySelector("main a[href$='/notes']"), event);
    else if (event.key === "?") {
      event.preventDefault();
      list.showModal();
      list.querySelector("form button").focus();
    }
  });
})();

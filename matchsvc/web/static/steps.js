/* One step of a form at a time. Without this file all steps stand below each other and the form
   works the same. A step with an error in it is shown first. */
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form[data-steps]")) {
    const steps = [...form.querySelectorAll("[data-step]")];
    const wrong = steps.findIndex((step) => step.querySelector(".ds-validation-message"));
    const show = (index, move) => {
      steps.forEach((step, place) => {
        step.hidden = place !== index;
      });
      if (move) {
        const heading = steps[index].querySelector("h2");
        if (heading) heading.focus();
        scrollTo(0, 0);
      }
    };
    steps.forEach((step, index) => {
      const next = step.querySelector("[data-next]");
      const back = step.querySelector("[data-back]");
      if (next) next.addEventListener("click", () => show(index + 1, true));
      if (back) back.addEventListener("click", () => show(index - 1, true));
    });
    // A link in the list of errors leads to a field that may lie in a hidden step.
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const goal = link && document.getElementById(link.hash.slice(1));
      const place = goal ? steps.findIndex((step) => step.contains(goal)) : -1;
      if (place >= 0) show(place, false);
    });
    show(Math.max(wrong, 0), false);
  }
})();

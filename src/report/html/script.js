"use strict";
(() => {
  const form = document.querySelector(".controls");
  const cases = [...document.querySelectorAll(".case")];
  const shown = document.querySelector(".shown");
  const nothing = document.querySelector(".nothing");
  const show = () => {
    const wanted = new Set([...form.querySelectorAll("[name=verdict]:checked")].map((box) => box.value));
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const one of cases) {
      const text = one.dataset.search;
      const fits = wanted.has(one.dataset.verdict) && words.every((word) => text.includes(word));
      one.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} of ${cases.length} scenarios are shown.`;
    nothing.hidden = count > 0;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();

// The little script of our own. Everything works without it.
"use strict";

// A chart's marks carry their meaning in words (aria-label); show it beside the pointer.
document.addEventListener("pointerover", (event) => {
  const mark = event.target.closest?.('.chart [role="graphics-symbol"][aria-label]');
  document.querySelectorAll(".chart-tip").forEach((tip) => tip.remove());
  if (!mark) return;
  const figure = mark.closest(".chart");
  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.textContent = mark.getAttribute("aria-label");
  figure.append(tip);
  const box = figure.getBoundingClientRect();
  const left = Math.min(event.clientX - box.left + 10, box.width - tip.offsetWidth);
  tip.style.insetInlineStart = `${Math.max(0, left)}px`;
  tip.style.insetBlockStart = `${event.clientY - box.top + 14}px`;
});

// A filter that is a choice takes effect when it is made.
document.addEventListener("change", (event) => {
  if (event.target.matches(".filters select")) event.target.form.requestSubmit();
});

// Copy a link that is shown once.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  navigator.clipboard?.writeText(field.value).then(() => { button.textContent = button.dataset.copied; });
});

// What saves a click or says how far an upload is. Every page does the same without it.
"use strict";

// Searching for tags changes only their part of the page, so that a chosen recording stays chosen.
document.addEventListener("click", async (event) => {
  const button = event.target.closest('button[name="do"][value="find"]');
  const part = document.getElementById("choices");
  if (!button || !part || !window.fetch) return;
  event.preventDefault();
  const asked = new URLSearchParams();
  asked.set("tag_search", part.querySelector("#tag_search").value);
  for (const box of part.querySelectorAll('input[name="tag"]:checked')) asked.append("tag", box.value);
  const answer = await fetch("/admin/tags/choices?" + asked, { redirect: "error" }).catch(() => null);
  if (!answer || !answer.ok) {
    button.form.requestSubmit(button); // the page as a whole does it, or says what is wrong
    return;
  }
  part.replaceChildren(...parsed(await answer.text()).body.childNodes);
  part.querySelector("#tag_search").focus();
});

// Return in the field of that search searches, and does not save.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.id !== "tag_search") return;
  event.preventDefault();
  document.querySelector('button[name="do"][value="find"]').click();
});

// A form with files says how much of them has left.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-progress]") || event.submitter?.value === "find" || !window.XMLHttpRequest || !window.FormData) return;
  const files = [...form.querySelectorAll('input[type="file"]')].flatMap((field) => [...field.files]);
  if (files.length === 0) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", "Upload");
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  form.append(bar, words);
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.onprogress = (sent) => {
    bar.value = (100 * sent.loaded) / sent.total;
    words.textContent = sent.loaded < sent.total ? "Sending: " + Math.floor(bar.value) + " %" : "Sent. The server is at work …";
  };
  request.onload = () => {
    if (request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    const main = parsed(request.responseText).querySelector("main");
    document.querySelector("main").replaceWith(main);
    main.focus();
  };
  request.onerror = () => {
    bar.remove();
    words.textContent = "The connection broke off. Nothing was saved; try again.";
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  };
  request.send(body);
});

// Whatever takes the server long says that it is at work.
document.addEventListener("submit", (event) => {
  const note = event.target.querySelector("[data-working]");
  if (note) note.textContent = note.dataset.working;
});

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

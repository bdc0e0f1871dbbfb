"use strict";
const element = id => document.getElementById(id);
const [form, file, drop] = ["form", "file", "drop"].map(element);

// requests carry the token, if one was typed
const request = (path, options = {}) => {
  const token = element("token").value.trim();
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  return fetch(path, { ...options, headers });
};

const say = (text, isError = false) => {
  element("status").textContent = text;
  element("status").className = isError ? "error" : "";
};

// what failed, and what resolves it
const failure = async response => {
  const { error } = await response.json().catch(() => ({}));
  return error ? `${error.message}\n${error.hint || ""}` : `the service answered with status ${response.status}`;
};

const listModels = async () => {
  const response = await request("/v1/models");
  if (response.status === 401) return say("This service asks for a token.");
  const { models, fitted } = await response.json();
  const names = models.length ? models.map(model => model.name) : fitted;
  element("model").replaceChildren(...names.map(name => new Option(name, name)));
  if (names.includes("auto")) element("model").value = "auto";
  say("");
};

const forecast = async () => {
  const options = new URLSearchParams();
  for (const name of ["horizon", "target", "model"]) {
    const value = element(name).value.trim();
    if (value) options.set(name, value);
  }
  element("run").disabled = true;
  say("Forecasting …");
  try {
    const headers = { "Content-Type": "text/csv" };
    const response = await request(`/v1/report?${options}`, { method: "POST", headers, body: file.files[0] });
    if (!response.ok) return say(await failure(response), true);
    const answer = await response.json();
    const frame = element("report"), link = element("download").firstElementChild;
    frame.srcdoc = answer.page;
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([answer.forecast], { type: "text/csv" }));
    frame.hidden = element("download").hidden = false;
    say("Done.");
  } catch {
    say("The service does not answer.", true);
  } finally {
    element("run").disabled = false;
  }
};

const showName = () => { element("name").textContent = file.files[0] ? `: ${file.files[0].name}` : ""; };

form.onsubmit = event => { event.preventDefault(); forecast(); };
file.onchange = showName;
element("token").onchange = () => listModels().catch(() => say("The service does not answer.", true));
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, event => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) {
      file.files = event.dataTransfer.files;
      showName();
    }
  });
}
listModels().catch(() => say("The service does not answer.", true));

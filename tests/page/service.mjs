// Opens the page of a service in a browser: `node service.mjs BROWSER URL FILE HOSTILE_FILE TOKEN`. The service fits a model to
// each request and has a token.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [executablePath, url, file, hostile, token] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const problems = [];
let passed = 0;

async function test(name, run) {
  const page = await browser.newPage();
  page.on("console", message => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", error => problems.push(error.message));
  page.on("dialog", dialog => { problems.push("a dialog"); dialog.dismiss(); });
  page.on("request", request => request.url().startsWith(url) || /^(blob|data|about):/.test(request.url())
    || problems.push(`a request of ${request.url()}`));
  await page.goto(url);
  await run(page);
  // a refusal is printed by the browser, too
  assert.deepEqual(problems.filter(problem => !problem.includes("status of 4")), [], name);
  problems.length = 0;
  await page.close();
  passed += 1;
  console.log(`ok: ${name}`);
}

async function login(page) {
  await page.fill("#token", token);
  await page.locator("#token").blur();
  await page.waitForFunction(() => document.getElementById("model").options.length > 1);
}

async function forecast(page, path, model, target = "") {
  await page.setInputFiles("#file", path);
  await page.fill("#target", target);
  await page.fill("#horizon", "5");
  await page.selectOption("#model", model);
  await page.click("#run");
  await page.waitForFunction(() => !document.getElementById("run").disabled && document.getElementById("status").textContent);
}

await test("a file is forecast, its report shown and its forecast downloaded", async page => {
  await page.waitForFunction(() => document.getElementById("status").textContent.includes("token"));
  await login(page);
  await forecast(page, file, "theta", "demand");
  assert.equal(await page.textContent("#status"), "Done.");
  const report = page.frameLocator("#report");
  assert.equal(await report.locator("h1").textContent(), "demand");
  // its own script runs in the frame: a figure says the values under the pointer
  const figure = report.locator("figure svg.wide").first();
  await figure.scrollIntoViewIfNeeded();
  await figure.hover();
  assert.match(await report.locator("figure .reading").first().textContent(), /\d/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download a")]);
  assert.equal(download.suggestedFilename(), "forecast.csv");
  const rows = readFileSync(await download.path(), "utf8").trim().split("\n");
  assert.equal(rows[0], "date,forecast,lo_80,hi_80,lo_95,hi_95");
  assert.equal(rows.length, 6);
});

await test("a file is dropped", async page => {
  await login(page);
  const text = readFileSync(file, "utf8");
  const data = await page.evaluateHandle(text => {
    const data = new DataTransfer();
    data.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
    return data;
  }, text);
  await page.dispatchEvent("#drop", "drop", { dataTransfer: data });
  assert.equal(await page.textContent("#name"), ": dropped.csv");
  assert.equal(await page.locator("#file").evaluate(input => input.files.length), 1);
});

await test("names in a hostile file are text", async page => {
  await login(page);
  await forecast(page, hostile, "naive");
  assert.equal(await page.textContent("#status"), "Done.");
  const report = page.frameLocator("#report");
  assert.ok((await report.locator("h1").textContent()).includes("<img src=x onerror=alert(1)>"));
  assert.equal(await report.locator("img").count(), 0);
});

await test("the frame has no rights to the page", async page => {
  await login(page);
  await forecast(page, file, "naive", "demand");
  assert.equal(await page.locator("#report").getAttribute("sandbox"), "allow-scripts");
  const frame = page.frames().find(frame => frame !== page.mainFrame());
  assert.equal(await frame.evaluate(() => { try { return parent.document.title; } catch { return "refused"; } }), "refused");
});

await test("a refusal is shown with its hint", async page => {
  await login(page);
  await page.fill("#horizon", "many");
  await page.setInputFiles("#file", file);
  await page.click("#run");
  await page.waitForSelector("#status.error");
  assert.match(await page.textContent("#status"), /many[^]*"horizon": 7/);
  assert.ok(await page.locator("#report").isHidden());
});

await test("the page has no barriers", async page => {
  await login(page);
  // the policy allows no other script in the page itself
  const context = await browser.newContext({ bypassCSP: true });
  const open = await context.newPage();
  await open.goto(url);
  await open.evaluate(axe);
  const { violations } = await open.evaluate(() => axe.run());
  assert.deepEqual(violations.map(own => `${own.id}: ${own.nodes.map(node => node.html)}`), []);
  await context.close();
});

await browser.close();
console.log(`${passed} passed, 0 failed`);

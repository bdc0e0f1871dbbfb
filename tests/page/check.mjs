// Opens pages of reports in a browser: `node check.mjs BROWSER single.html many.html markup.html network.html`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, ...pages] = process.argv.slice(2);
const [single, many, markup] = pages;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let passed = 0;

// Opens a page, and asserts that it has no error and requests nothing but itself.
async function opened(path, options, check) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems = [], requests = [];
  page.on("console", message => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", error => problems.push(error.message));
  page.on("dialog", dialog => { problems.push("a dialog"); dialog.dismiss(); });
  page.on("request", request => requests.push(request.url()));
  const url = pathToFileURL(path).href;
  await page.goto(url);
  await check(page);
  assert.deepEqual(problems, [], path);
  assert.deepEqual(requests, [url], path);
  await context.close();
}

async function test(name, run) {
  await run();
  passed += 1;
  console.log(`ok: ${name}`);
}

const wide = { viewport: { width: 1200, height: 900 } }, telephone = { viewport: { width: 375, height: 800 } };
const values = page => page.evaluate(() => JSON.parse(document.getElementById("values").textContent));

for (const [device, options, drawing] of [["wide page", wide, "wide"], ["telephone", telephone, "narrow"]]) {
  await test(`the pointer shows the values at its place on a ${device}`, () => opened(single, options, async page => {
    const [[rows, ...columns]] = await values(page);
    const svg = page.locator(`figure svg.${drawing}`).first();
    await svg.scrollIntoViewIfNeeded();
    const box = await svg.boundingBox();
    const { left, right, width } = await svg.evaluate(own => ({ ...own.dataset, width: own.viewBox.baseVal.width }));
    for (const row of [1, 5, rows.length - 3, rows.length - 1]) {
      const x = +left + (right - left) * (row - 1) / (rows.length - 2);
      await page.mouse.move(box.x + x / width * box.width, box.y + box.height / 2);
      const shown = await page.locator("figure .reading").first().textContent();
      assert.ok(shown.startsWith(rows[row]), `${shown} is not of ${rows[row]}`);
      const known = columns.filter(column => column[row]);
      assert.ok(known.length > 0);
      known.forEach(column => assert.ok(shown.includes(`${column[0]} ${column[row]}`), `${shown} lacks ${column[0]}`));
    }
  }));
}

await test("a drag zooms and a button shows all again", () => opened(single, wide, async page => {
  const [[rows]] = await values(page);
  const svg = page.locator("figure svg.wide").first(), data = svg.locator(".data");
  const box = await svg.boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60);
  await page.mouse.up();
  const factor = async () => +(await data.getAttribute("transform")).match(/matrix\((\S+)/)[1];
  assert.ok(await factor() > 2);
  await page.getByRole("button", { name: "show all" }).first().click();
  assert.equal(await factor(), 1);
  assert.equal(await page.locator(".reading").first().textContent(), `${rows[1]} – ${rows.at(-1)}`);
  await page.getByRole("button", { name: "zoom in" }).first().click();
  assert.ok(await factor() > 1.5);
}));

await test("the values of a figure are a table", () => opened(single, wide, async page => {
  const [[rows, ...columns]] = await values(page);
  await page.locator("details summary").first().click();
  const cells = page.locator("details table").first().locator("tr").last().locator("td");
  await cells.first().waitFor();
  assert.deepEqual(await cells.allTextContents(), [rows.at(-1), ...columns.map(column => column.at(-1))]);
}));

for (const heading of ["growth", "MASE", "region"]) {
  await test(`a table sorts by ${heading} in both directions`, () => opened(many, wide, async page => {
    const table = page.locator("table", { has: page.getByRole("button", { name: "growth" }) });
    const index = (await table.locator("th").allTextContents()).indexOf(heading);
    const column = () => table.locator("tbody tr").evaluateAll((all, at) => all.map(row => {
      const { dataset: { value }, textContent } = row.cells[at];
      return value ? +value : textContent;
    }), index);
    const sorted = (await column()).toSorted((a, b) => a < b ? -1 : +(a > b));
    assert.ok(new Set(sorted).size > 1);
    await table.locator("th").nth(index).getByRole("button").click();
    assert.deepEqual(await column(), sorted);
    assert.equal(await table.locator("th").nth(index).getAttribute("aria-sort"), "ascending");
    await table.locator("th").nth(index).getByRole("button").click();
    assert.deepEqual(await column(), sorted.toReversed());
  }));
}

await test("markup in a header is text", () => opened(markup, wide, async page => {
  assert.match(await page.locator("h1").textContent(), /<\/script><img src=x onerror=/);
  assert.equal(await page.locator("img").count(), 0);
  await page.locator("details summary").first().click();
}));

for (const path of pages) {
  await test(`nothing is wider than a telephone: ${path}`, () => opened(path, telephone, async page => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 375, `${width} pixels`);
  }));
  for (const colorScheme of ["light", "dark"]) {
    // axe is not of the page, so that its policy must not apply
    const options = { ...wide, colorScheme, bypassCSP: true };
    await test(`no barrier in ${colorScheme}: ${path}`, () => opened(path, options, async page => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      const found = violations.map(own => `${own.id}: ${own.nodes[0].html.slice(0, 200)} ${own.nodes[0].failureSummary}`);
      assert.deepEqual(found, []);
    }));
  }
}

// A4 without the margins of a printer, at 96 pixels an inch
const paper = { width: 718, height: 1047 };
for (const path of pages) {
  await test(`no figure is cut on paper: ${path}`, () => opened(path, { viewport: paper }, async page => {
    await page.emulateMedia({ media: "print" });
    const figures = await page.locator("figure").evaluateAll(all => all.map(own => {
      const box = own.getBoundingClientRect(), svg = [...own.querySelectorAll("svg.wide")][0].getBoundingClientRect();
      return { breaks: getComputedStyle(own).breakInside, tall: box.height, wide: svg.width, high: svg.height };
    }));
    assert.ok(figures.length > 0);
    for (const { breaks, tall, wide, high } of figures) {
      assert.equal(breaks, "avoid");
      assert.ok(tall < paper.height && wide > 300 && wide <= paper.width && high > 100, `${wide} × ${high}, ${tall}`);
    }
    // nothing is beyond the paper, and nothing scrolls there
    const beyond = await page.locator("main *:visible").evaluateAll((all, width) => all
      .filter(own => !own.closest("svg") && own.getBoundingClientRect().right > width + 1)
      .map(own => own.outerHTML.slice(0, 200)), paper.width);
    assert.deepEqual(beyond, []);
    const scrolls = await page.locator(".scroll").evaluateAll(all => all.map(own => getComputedStyle(own).overflow));
    assert.ok(scrolls.every(overflow => overflow === "visible"), `${scrolls}`);
    const pdf = await page.pdf({ format: "A4", margin: { top: "1cm", bottom: "1cm", left: "1cm", right: "1cm" } });
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  }));
}

await browser.close();
console.log(`${passed} passed, 0 failed`);

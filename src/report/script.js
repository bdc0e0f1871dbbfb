const $ = (q, e = document) => [...e.querySelectorAll(q)], data = JSON.parse(values.textContent);
// tables: a button sorts its column, and once more in the other direction
$("th button").map(b => b.onclick = () => {
  const h = b.parentNode, t = h.closest("table").tBodies[0], up = h.ariaSort != "ascending";
  const key = (r, c = r.cells[h.cellIndex], v = c.dataset.value) => v ? +v : c.textContent;
  $("th", h.parentNode).map(o => o.ariaSort = null);
  h.ariaSort = up ? "ascending" : "descending";
  t.append(...[...t.rows].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b)) * (up || -1)));
});
// figures: the values under the pointer, a zoom into rows a to b by dragging, and a table; row 0 has the names
$("figure").map((f, n) => {
  const [rows, ...cells] = data[n], end = rows.length - 1;
  const [near, all] = $("button", f), [say, more] = $(".reading, details", f);
  let a = 1, b = end, down;
  const move = (e, x, k = 1) => e.setAttribute("transform", `matrix(${k} 0 0 1 ${x} 0)`);
  const zooms = $("[data-left]", f).map(s => {
    const l = +s.dataset.left, w = s.dataset.right - l;
    const at = e => {
      const r = s.getBoundingClientRect(), x = (e.clientX - r.x) / r.width * s.viewBox.baseVal.width;
      const i = Math.round(Math.max(a, Math.min(b, a + (x - l) / w * (b - a))));
      move(s.lastChild, l + (i - a) / (b - a) * w);
      say.textContent = rows[i] + cells.map(c => c[i] && `, ${c[0]} ${c[i]}`).join("");
      return i;
    };
    s.onpointermove = at;
    s.onpointerdown = e => down = at(e);
    s.onpointerup = e => Math.abs(at(e) - down) > 1 && zoom(at(e), down);
    return () => {
      const k = (end - 1) / (b - a), d = l - k * (l + (a - 1) * w / (end - 1));
      move($(".data", s)[0], d, k);
      $(".tick", s).map(t => {
        const x = t.dataset.x * k + d;
        move(t, x);
        t.style.opacity = +(x > l - 1 && x < l + w + 1);
      });
    };
  });
  const zoom = (i, j) => {
    a = Math.min(i, j);
    b = Math.max(i, j);
    zooms.map(z => z());
    say.textContent = rows[a] + " – " + rows[b];
  };
  near.onclick = () => b - a > 3 && zoom(a + b >> 1, b);
  all.onclick = () => zoom(1, end);
  more.ontoggle = () => {
    const [t] = $("table", more);
    t.textContent = "";
    rows.map((_, i) => {
      const r = t.insertRow();
      data[n].map(c => r.appendChild(document.createElement(i ? "td" : "th")).textContent = c[i]);
    });
  };
});

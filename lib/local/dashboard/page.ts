import { html } from "hono/html";

/** The page's frame: headings and empty tables, which the script fills. Symbols stand here once, to be used by name. */
export function page(options: {
  readonly title: string;
  /** Paths of the stylesheet and the script. */
  readonly styles: string;
  readonly script: string;
}) {
  const { title, styles, script } = options;
  return html`<!doctype html>
<html lang="en" data-connection="connecting">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Freshet</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${styles}">
<script src="${script}"></script>
</head>
<body>
<svg hidden>
<symbol id="fresh" viewBox="0 0 16 16"><path d="M3 8.5l3.2 3.2L13 5" /></symbol>
<symbol id="stale" viewBox="0 0 16 16"><path d="M8 2.2L14.6 13.5H1.4zM8 6.5v3.4M8 11.7v.2" /></symbol>
<symbol id="warming" viewBox="0 0 16 16"><path d="M4 2.5h8M4 13.5h8M5 2.5c0 4 6 7 6 11M11 2.5c0 4-6 7-6 11" /></symbol>
<symbol id="unknown" viewBox="0 0 16 16"><path d="M5.2 5.8a2.8 2.8 0 1 1 4.2 2.5c-.9.5-1.4 1-1.4 2M8 12.9v.2" /></symbol>
</svg>
<header>
<h1>Freshet</h1>
<p class="of">${title}</p>
<p class="clock"><time id="clock">&nbsp;</time> <span id="speed"></span></p>
<p class="connection"><span class="dot" aria-hidden="true"></span><span id="connection">connecting</span></p>
<button type="button" id="theme"></button>
</header>
<p id="lost" class="banner" role="alert" hidden></p>
<p id="problem" class="banner" role="status" hidden></p>
<p id="changes" class="unseen" role="status"></p>
<noscript><p class="banner">This page needs JavaScript. The same numbers: <a href="/live/snapshot">/live/snapshot</a>.</p></noscript>
<main>
<section class="figures" aria-label="Summary">
<div class="figure throughput">
<h2>Events a second</h2><p class="value" id="rate">–</p><div id="throughput"></div>
</div>
<div class="figure"><h2>Views within their SLA</h2><p class="value" id="within">–</p><p class="note" id="within-note"></p></div>
<div class="figure"><h2>Put to available, p99</h2><p class="value" id="available">–</p><p class="note" id="available-note"></p></div>
<div class="figure"><h2>Prediction, p99</h2><p class="value" id="predict">–</p><p class="note" id="predict-note"></p></div>
<div class="figure"><h2>Write units an event</h2><p class="value" id="units">–</p><p class="note" id="units-note"></p></div>
</section>
<section>
<h2 id="views-title">Views</h2>
<table class="views" role="table" aria-labelledby="views-title">
<thead role="rowgroup"><tr role="row">
<th role="columnheader" scope="col">View</th>
<th role="columnheader" scope="col">Status</th>
<th role="columnheader" scope="col">Lag of SLA</th>
<th role="columnheader" scope="col">Lag, last two minutes</th>
<th role="columnheader" scope="col" class="number">Events/s</th>
<th role="columnheader" scope="col" class="number">Folded</th>
<th role="columnheader" scope="col" class="number">Duplicate</th>
<th role="columnheader" scope="col" class="number">Late</th>
<th role="columnheader" scope="col" class="number">Quarantined</th>
</tr></thead>
<tbody role="rowgroup" id="views"></tbody>
</table>
<p class="note">Counts since this server started.</p>
</section>
<section>
<h2>Busiest entities</h2>
<div id="busiest" class="cards"></div>
<p class="empty" id="no-busiest">No event has been folded yet.</p>
<p class="note" id="no-tiles" hidden></p>
</section>
<div class="columns">
<section>
<h2 id="latency-title">Latency, last five minutes</h2>
<table aria-labelledby="latency-title">
<thead><tr><th scope="col">What</th><th scope="col" class="number">p50</th><th scope="col" class="number">p95</th><th scope="col" class="number">p99</th></tr></thead>
<tbody id="latencies"></tbody>
</table>
</section>
<section>
<h2 id="predictions-title">Latest predictions</h2>
<table aria-labelledby="predictions-title">
<thead><tr><th scope="col">As of</th><th scope="col">Keys</th><th scope="col">Model</th><th scope="col" class="number">Score</th></tr></thead>
<tbody id="predictions"></tbody>
</table>
<p class="empty" id="no-predictions">None yet. Answers of <code>POST /v1/predict</code> show here.</p>
</section>
<section>
<h2 id="set-aside-title">Quarantined and late</h2>
<table class="set-aside" aria-labelledby="set-aside-title">
<thead><tr><th scope="col">Reason, source</th><th scope="col">The last one</th><th scope="col" class="at">Arrived, UTC</th><th scope="col" class="number">Entries</th></tr></thead>
<tbody id="set-aside"></tbody>
</table>
<p class="empty" id="no-set-aside">Nothing was set aside.</p>
</section>
</div>
</main>
<footer><p><span id="totals"></span></p><p><a href="/live/snapshot">Snapshot</a> <a href="/metrics">Metrics</a> <a href="/openapi.json">OpenAPI</a></p></footer>
</body>
</html>`;
}

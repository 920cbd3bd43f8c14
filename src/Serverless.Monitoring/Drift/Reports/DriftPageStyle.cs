namespace Serverless.Monitoring.Drift.Reports;

internal static class DriftPageStyle
{
    /// <summary>Reference and current differ in lightness and outline, not only in hue, for colour-blind readers.</summary>
    public const string Css = """
        :root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--fg:#1c2430;--dim:#5b6675;--line:#dde2e9;
        --r:#9aa7b8;--c:#2563c9;--bad:#c0392b;--good:#2e7d4f}
        @media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1b2129;--fg:#e6eaf0;--dim:#98a4b3;--line:#313a46;
        --r:#66758a;--c:#6ea8ff;--bad:#ff7b6b;--good:#5fc98a}}
        *{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif}
        main{max-width:1080px;margin:0 auto;padding:20px 16px 40px}
        header,section,article{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px;margin:0 0 12px}
        header{border-left:6px solid var(--good)}header.bad{border-left-color:var(--bad)}
        h1{font-size:24px;margin:0 0 2px}h2{font-size:16px;margin:0 0 6px}p{margin:4px 0}
        .meter{position:relative;height:8px;border-radius:4px;background:var(--line);margin:10px 0 12px}
        .meter i{display:block;height:100%;border-radius:4px;background:var(--good)}.bad .meter i{background:var(--bad)}
        .meter s{position:absolute;top:-4px;width:2px;height:16px;background:var(--fg)}
        .key{display:inline-block;width:12px;height:12px;border-radius:2px;margin:0 6px 0 18px;vertical-align:-1px}
        .key:first-child{margin-left:0}
        .key.r{background:var(--r)}.key.c{border:2px solid var(--c)}.preset{float:right;color:var(--dim)}
        .notes,footer{color:var(--dim);font-size:13px;margin:0 4px 12px}
        article{display:grid;grid-template-columns:minmax(0,1fr) 400px;gap:4px 24px;border-left:4px solid var(--line)}
        article.bad{border-left-color:var(--bad)}
        article h2{overflow-wrap:anywhere}article h2 small{font-weight:400;color:var(--dim)}
        em{font-style:normal;font-size:12px;font-weight:600;padding:1px 8px;border-radius:9px;color:var(--card);background:var(--bad);
        white-space:nowrap}em.ok{background:none;color:var(--good);padding:0}
        table{border-collapse:collapse;margin:3px 0 6px;font-size:13px;font-variant-numeric:tabular-nums}
        td,th{padding:1px 14px 1px 0;text-align:left;font-weight:400;vertical-align:top}
        thead th,td.l{color:var(--dim)}.n{text-align:right}.scroll{overflow-x:auto}.hit{color:var(--bad);font-weight:600}
        .dist{color:var(--dim);font-size:13px;margin-top:6px}.dist b{color:var(--fg);font-weight:500}.note{color:var(--bad)}
        svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;fill:var(--dim)}
        .fr{fill:var(--r)}.fc{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round}.bc{fill:var(--c)}.ax{stroke:var(--line)}
        @media(max-width:760px){article{grid-template-columns:minmax(0,1fr)}.preset{float:none;display:block}}
        @media print{body{background:none}article{break-inside:avoid}}
        """;
}

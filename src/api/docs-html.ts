const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as it may stand in a page. */
export const html = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "");

/** Text in which `code` is marked, as it may stand in a page. */
export const prose = (text: string): string => html(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

/** How the page looks. */
export const style = `:root{color-scheme:light dark;--ground:#f6f7f9;--sheet:#fff;--line:#d9dee5;--text:#1b2430;--quiet:#566173;--accent:#1f56c3;--code:#eef1f5;--get:#14734a;--post:#1f56c3;--patch:#8a5300;--delete:#b3261e}
@media(prefers-color-scheme:dark){:root{--ground:#12161c;--sheet:#1a2028;--line:#323c49;--text:#e3e8ee;--quiet:#9eabbb;--accent:#8ab4ff;--code:#232b35;--get:#62d29f;--post:#8ab4ff;--patch:#f0b95c;--delete:#ff9a91}}
*{box-sizing:border-box}html{scroll-padding-top:1rem}body{margin:0;font:15px/1.55 system-ui,sans-serif;color:var(--text);background:var(--ground)}a{color:var(--accent)}
.page{display:grid;grid-template-columns:15rem minmax(0,1fr);gap:2rem;max-width:78rem;margin:0 auto;padding:0 1.25rem}
nav{position:sticky;top:0;max-height:100vh;overflow:auto;padding:1.6rem 0;font-size:14px}nav ul{list-style:none;margin:0;padding:0}nav li{margin:.1rem 0}nav a{display:block;padding:.2rem .5rem;border-radius:.3rem;color:inherit;text-decoration:none;text-transform:capitalize}nav a:hover{background:var(--code)}
main{padding:1.2rem 0 6rem}h1{font-size:1.9rem;margin:.2rem 0 .6rem}h2{margin:2.6rem 0 .7rem;font-size:1.3rem;text-transform:capitalize}h3{margin:1.1rem 0 .3rem;font-size:.95rem}
details{background:var(--sheet);border:1px solid var(--line);border-radius:.45rem;margin:.45rem 0}details>summary{cursor:pointer;padding:.55rem .8rem;display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}details>.body{padding:0 .95rem .9rem;border-top:1px solid var(--line)}
.method{font:700 12px/1.6 ui-monospace,monospace;min-width:3.6rem}.get{color:var(--get)}.post{color:var(--post)}.patch{color:var(--patch)}.delete{color:var(--delete)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.87em}code{background:var(--code);border-radius:.25rem;padding:.05rem .3rem;overflow-wrap:anywhere}summary code{background:none;padding:0;font-weight:600}
pre{background:var(--code);border-radius:.4rem;padding:.75rem .9rem;overflow:auto;margin:.4rem 0}pre code{background:none;padding:0;overflow-wrap:normal}
.quiet,.kind,.remark{color:var(--quiet)}.fields{list-style:none;padding:0;margin:.3rem 0}.fields .fields{border-left:2px solid var(--line);margin-left:.35rem;padding-left:.85rem}.fields li{padding:.16rem 0}.remark:not(:empty)::before{content:"· "}.remark em{color:var(--delete);font-style:normal}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line)}td>code:only-child,td>a>code{white-space:nowrap}article{background:var(--sheet);border:1px solid var(--line);border-radius:.45rem;margin:.45rem 0;padding:.1rem .95rem .7rem}article h3{font-family:ui-monospace,monospace}
@media(max-width:52rem){.page{display:block}nav{position:static;padding-bottom:0}nav ul{display:flex;flex-wrap:wrap;gap:.2rem}}`;

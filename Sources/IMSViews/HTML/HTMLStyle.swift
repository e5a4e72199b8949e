import Crypto
import IMSBytes

/// The one style sheet of a page, and the policy that allows it and nothing else.
enum HTMLStyle {
  /// No resource, no script, no form; the style by its hash.
  static let policy =
    "default-src 'none'; style-src 'sha256-\(Base64.encode(Array(SHA256.hash(data: Array(sheet.utf8)))))'; "
    + "base-uri 'none'; form-action 'none'"

  static let sheet = page + SVGWriter.style + pictures

  private static let pictures = """
    .own{fill:var(--ink)}.bad{fill:var(--paper);stroke:var(--ink);stroke-width:2}.wait{stroke:var(--soft);stroke-width:2}\
    svg a{cursor:pointer}svg a text{text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:2px}\
    svg a:focus{outline:3px solid var(--info)}g:target .shaft{stroke-width:3}
    """

  private static let page = """
    :root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#c5ccd3;--band:#eef1f4;--error:#b3261e;\
    --warning:#7a4f00;--info:#0b57a4}@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#a4adb6;--paper:#14171a;\
    --line:#4b535b;--band:#22272c;--error:#ff8a80;--warning:#ffc247;--info:#82b7ff}}\
    *{box-sizing:border-box}html{background:var(--paper);color:var(--ink)}\
    body{margin:0 auto;max-width:84rem;padding:1rem;font:16px/1.5 system-ui,sans-serif}\
    h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.3rem;line-height:1.25;margin:2.5rem 0 .5rem;\
    border-top:2px solid var(--line);padding-top:1rem;overflow-wrap:anywhere}h3{font-size:1.05rem;margin:1.75rem 0 .5rem}\
    h4{font-size:1rem;margin:1rem 0 .25rem}p,ul,dl{margin:.4rem 0;overflow-wrap:anywhere}ul{padding-left:1.25rem}\
    a{color:var(--info)}a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--info);\
    outline-offset:2px}.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);\
    padding:.5rem 1rem;z-index:1}.meta{color:var(--soft)}nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;\
    list-style:none;padding:0}.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px;padding:.25rem;margin:.5rem 0}\
    .scroll svg{display:block}table{border-collapse:collapse;font-size:.9rem}caption{text-align:left;font-weight:600;\
    padding:.4rem .5rem}th,td{border:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}\
    th{background:var(--band)}td.n,th[scope=row]{white-space:nowrap}td.n{text-align:right;font-variant-numeric:tabular-nums}code,pre{font:.85rem/1.45 \
    ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}pre{white-space:pre-wrap;margin:.25rem \
    0;background:var(--band);padding:.6rem;border-radius:4px}.finding{border:1px solid var(--line);border-left:6px solid \
    var(--line);border-radius:4px;padding:.25rem .9rem .5rem;margin:.6rem 0}.is-error{border-left-color:var(--error)}\
    .is-warning{border-left-color:var(--warning);border-left-style:double}.is-info{border-left-color:var(--info);\
    border-left-style:dotted}:target{outline:3px solid var(--info);outline-offset:2px}.stack{min-width:14rem;\
    max-width:26rem}td code{display:block}.gone{text-decoration:line-through}details{border-bottom:1px solid var(--line)}summary{cursor:pointer;\
    padding:.35rem .25rem;overflow-wrap:anywhere}details div{padding:0 .25rem .6rem 1.25rem}\
    @media (max-width:40rem){body{padding:.6rem;font-size:15px}h1{font-size:1.3rem}h2{font-size:1.1rem}}\
    @media print{:root{color-scheme:light}body{max-width:none;font-size:10pt}.skip,nav{display:none}.scroll{overflow:visible;\
    border:0}.scroll svg{max-width:100%;height:auto}details::details-content{content-visibility:visible;block-size:auto}\
    .finding,tr,summary{break-inside:avoid}h2,h3{break-after:avoid}h2{break-before:page}}
    """
}

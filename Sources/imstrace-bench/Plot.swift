/// Four small diagrams: time and memory, against the size of a capture and against subscribers. Readable on light and dark
/// paper, and without colour.
struct Plot {
  /// One curve.
  struct Series: Equatable {
    var name: String
    var points: [Point]
  }

  struct Point: Equatable {
    var x: Double
    var y: Double
  }

  struct Panel: Equatable {
    var title: String
    /// What stands on the axes, with units.
    var horizontal: String
    var vertical: String
    var series: [Series]
  }

  let panels: [Panel]

  init(panels: [Panel]) { self.panels = panels.filter { panel in panel.series.contains { !$0.points.isEmpty } } }

  init(results: Results) {
    let captures = Tables.series(results)
    let bySize = captures.filter { $0.rate == 400 }.sorted { $0.bytes < $1.bytes }
    let byRate = captures.filter { $0.bytes < (bySize.first?.bytes ?? 0) * 2 }.sorted { $0.rate < $1.rate }
    func series(
      _ program: Program, _ captures: [Capture], _ x: (Capture) -> Double, _ y: (Turns, Capture) -> Double
    ) -> Series {
      Series(
        name: program.title,
        points: captures.compactMap { capture in
          results.measurement(program, capture.name).map { Point(x: x(capture), y: y($0, capture)) }
        })
    }
    let both: [Program] = [.checkOnOneCore, .checkOnTwoCores]
    let size: (Capture) -> Double = { Double($0.bytes) / 1e6 }
    let rate: (Capture) -> Double = { Double($0.rate) }
    let peak: (Turns, Capture) -> Double = { one, _ in Double(one.medianPeak) / 1e6 }
    let sizes = "MB, 400 registrations begun in each second"
    let rates = "registrations begun in each second"
    self.init(panels: [
      Panel(
        title: "Time against size", horizontal: sizes, vertical: "s",
        series: (both + [.loop]).map { series($0, bySize, size) { one, _ in one.seconds.median } }),
      Panel(
        title: "Memory against size", horizontal: sizes, vertical: "peak MB",
        series: both.map { series($0, bySize, size, peak) }),
      Panel(
        title: "Time against subscribers", horizontal: rates, vertical: "µs a registration, one core",
        series: [
          series(.checkOnOneCore, byRate, rate) { one, capture in
            one.busy.median * 1e6 / Double(capture.registrations)
          }
        ]),
      Panel(
        title: "Memory against subscribers", horizontal: rates, vertical: "peak MB",
        series: both.map { series($0, byRate, rate, peak) }),
    ])
  }

  // MARK: Drawing

  private static let width = 440.0
  private static let height = 320.0
  private static let columns = 2

  var svg: String {
    let rows = (panels.count + Self.columns - 1) / Self.columns
    let (width, height) = (Self.width * Double(Self.columns), Self.height * Double(max(1, rows)))
    let drawn = panels.enumerated().map { index, panel in
      let x = Self.width * Double(index % Self.columns)
      let y = Self.height * Double(index / Self.columns)
      return "<g transform=\"translate(\(x.short),\(y.short))\">\n\(Self.draw(panel))</g>\n"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width.short)" height="\(height.short)" \
      viewBox="0 0 \(width.short) \(height.short)" role="img">
      <title>What imstrace check costs</title>
      <desc>\(panels.map { Self.escape($0.title) }.joined(separator: "; "))</desc>
      <style>\(Self.style)</style>
      <rect class="paper" width="\(width.short)" height="\(height.short)"/>
      \(drawn.joined())</svg>

      """
  }

  private static let style = """
    svg{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--grid:#dfe3e8;--a:#0b57a4;--b:#b3261e;--c:#3f6b1f}\
    @media (prefers-color-scheme:dark){svg{--ink:#e6e9ec;--soft:#a4adb6;--paper:#14171a;--grid:#333a41;--a:#82b7ff;\
    --b:#ff8a80;--c:#a5d67a}}text{font:12px ui-sans-serif,system-ui,sans-serif;fill:var(--ink)}.title{font-weight:700}\
    .soft{fill:var(--soft);font-size:11px}.paper{fill:var(--paper)}.grid{stroke:var(--grid)}.axis{stroke:var(--soft)}\
    .line{fill:none;stroke-width:2}.s0{stroke:var(--a)}.s1{stroke:var(--b);stroke-dasharray:7 3}\
    .s2{stroke:var(--c);stroke-dasharray:2 3}.dot{fill:var(--paper);stroke-width:2;stroke-dasharray:none}
    """

  /// The field in which curves are drawn.
  private static let (left, right, top, bottom) = (60.0, 420.0, 44.0, 236.0)

  private static func draw(_ panel: Panel) -> String {
    let points = panel.series.flatMap(\.points)
    let (horizontal, vertical) = (Axis(upTo: points.map(\.x).max() ?? 0), Axis(upTo: points.map(\.y).max() ?? 0))
    func x(_ value: Double) -> Double { left + (right - left) * value / horizontal.end }
    func y(_ value: Double) -> Double { bottom - (bottom - top) * value / vertical.end }
    var text = "<text class=\"title\" x=\"\(left.short)\" y=\"18\">\(escape(panel.title))</text>\n"
    text += "<text class=\"soft\" x=\"\(left.short)\" y=\"34\">\(escape(panel.vertical))</text>\n"
    for tick in vertical.ticks {
      text += line("grid", left, y(tick), right, y(tick))
      text += label("soft", "end", left - 6, y(tick) + 4, tick.short)
    }
    for tick in horizontal.ticks {
      text += line("axis", x(tick), bottom, x(tick), bottom + 4)
      text += label("soft", "middle", x(tick), bottom + 18, tick.short)
    }
    text += line("axis", left, bottom, right, bottom)
    text += label("soft", "end", right, bottom + 34, panel.horizontal)
    for (index, series) in panel.series.enumerated() where !series.points.isEmpty {
      let path = series.points.map { "\(x($0.x).short),\(y($0.y).short)" }.joined(separator: " ")
      text += "<polyline class=\"line s\(index)\" points=\"\(path)\"/>\n"
      for point in series.points {
        text +=
          "<circle class=\"dot s\(index)\" cx=\"\(x(point.x).short)\" cy=\"\(y(point.y).short)\" r=\"3.5\">"
          + "<title>\(escape(series.name)): \(point.y.short) at \(point.x.short)</title></circle>\n"
      }
      text += legend(series.name, index)
    }
    return text
  }

  /// Below the field, one beside the other.
  private static func legend(_ name: String, _ index: Int) -> String {
    let begin = left + Double(index % 2) * 190
    let height = bottom + 46 + Double(index / 2) * 14
    return line("line s\(index)", begin, height, begin + 24, height)
      + label("soft", "start", begin + 30, height + 4, name)
  }

  private static func line(_ style: String, _ x: Double, _ y: Double, _ toX: Double, _ toY: Double) -> String {
    "<line class=\"\(style)\" x1=\"\(x.short)\" y1=\"\(y.short)\" x2=\"\(toX.short)\" y2=\"\(toY.short)\"/>\n"
  }

  private static func label(_ style: String, _ anchor: String, _ x: Double, _ y: Double, _ text: String) -> String {
    "<text class=\"\(style)\" text-anchor=\"\(anchor)\" x=\"\(x.short)\" y=\"\(y.short)\">\(escape(text))</text>\n"
  }

  private static func escape(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  /// From 0, in steps of 1, 2 or 5 times a power of ten.
  private struct Axis {
    var step = 1.0
    var count = 1

    init(upTo largest: Double) {
      guard largest > 0, largest.isFinite else { return }
      var power = 1.0
      while power * 10 <= largest { power *= 10 }
      while power > largest { power /= 10 }
      let steps = [power / 10, power / 5, power / 2, power, 2 * power]
      step = steps.first { largest / $0 <= 6 } ?? 2 * power
      count = Int((largest / step).rounded(.up))
    }

    var end: Double { step * Double(count) }
    var ticks: [Double] { (0...count).map { Double($0) * step } }
  }
}

extension Double {
  /// With no more digits than it needs, three behind the point at the most.
  fileprivate var short: String {
    var text = fixed(3)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}

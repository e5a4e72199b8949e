import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSRules

@main
struct Main {
  static func main() {
    let sources = CommandLine.arguments.dropFirst().map { path -> FrameLoop.Source in
      do throws(InputError) { return .file(try BlockFile(path: path)) } catch { return .failure(error) }
    }
    let report = Analyzer().run(sources) { report in
      let f = report.flow
      print("\(report.id) \(f.kind) \(f.mechanism) \(f.outcome) \(f.seenAt?.rawValue ?? "-") \(f.finalStatus ?? 0) \(report.verdict) \(f.impu?.string ?? "") \(f.callIDs.map(\.string)) msgs \(f.messages.count) \(f.cause) | \(f.stoppedAt ?? "")")
      for d in f.deviations { print("    dev \(d.kind) \(d.step) \(d.label)") }
      for x in report.findings { print("    \(x.rule) \(x.severity) \(x.message) frames \(x.frames.map(\.frame)) OBS \(x.observed.prefix(150)) EXP \(x.expected.prefix(150))") }
      print("    no \(report.notObservable.map { "\($0.rule):\($0.reason.rawValue):\($0.hop?.rawValue ?? "")" }) na \(report.notApplicable)")
    }
    for i in report.inputs { print(i.path, i.failure?.description ?? "", i.packets) }
    print(report.coverage)
  }
}

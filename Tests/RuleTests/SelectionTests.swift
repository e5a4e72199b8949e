import IMSFlows
import IMSForge
import IMSRules
import Testing

/// What `--user` finds a registration by.
@Suite struct SelectionTests {
  private static let trace = """
    UE -> P: REGISTER sip:hims.net
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> UE: 200 OK
      P-Associated-URI: <sip:Alice.Public@hims.net>, <tel:+15551234567>
    """

  @Test(arguments: [
    "name.private", "name.private@hims.net", "name.private@HIMS.net", "Alice.Public", "SIP:Alice.Public@Hims.NET",
    "sip:Alice.Public@hims.net;user=phone", "tel:+15551234567", "+15551234567",
  ])
  func isFoundBy(_ user: String) throws {
    let flow = try #require(Trace.reports(try TraceText(Self.trace).bytes, profile: .strict).first).flow
    #expect(Selection(user: user).includes(flow, id: 1))
  }

  @Test(arguments: [
    "alice.public@hims.net", "name.private@home.net", "hims.net", "sips:Alice.Public@hims.net", "tel:+1555",
  ])
  func isNotFoundBy(_ user: String) throws {
    let flow = try #require(Trace.reports(try TraceText(Self.trace).bytes, profile: .strict).first).flow
    #expect(!Selection(user: user).includes(flow, id: 1))
  }
}

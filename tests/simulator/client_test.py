"""An independent WS-Management client (pywinrm's transport) against a running hvsec-sim."""

import html
import os
import pathlib
import sys
import tempfile
import time
import unittest
import uuid
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import legacy_digests
from simulator import Simulator
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError
from winrm.transport import Transport

BINARY = os.environ["HVSEC_SIM"]

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
N = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
V2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/"
ANONYMOUS = A + "/role/anonymous"
XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

FLEET = """
hosts:
- name: hv-a
  jobSeconds: 0.2
  vms:
  - {name: dc-01, keyProtector: local, security: {encryptStateAndVmMigrationTraffic: true}}
  - {name: dc-02, snapshots: 2}
  - {name: web-%02d, repeat: 40}
- name: hv-b
  locale: ja-JP
  firstAnswer: all
  vms: [{name: sql-01, power: running}]
"""


class Client:
    """The few operations of WS-Management that a CIM client needs."""

    def __init__(self, endpoint, **options):
        options = {"username": "admin", "password": "secret", "auth_method": "basic", **options}
        self._endpoint = endpoint
        self._transport = Transport(endpoint=endpoint, **options)

    def identify(self):
        namespace = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
        envelope = (
            f'<s:Envelope xmlns:s="{S}" xmlns:i="{namespace}"><s:Header/>'
            "<s:Body><i:Identify/></s:Body></s:Envelope>"
        )
        root = ElementTree.fromstring(self._transport.send_message(envelope))
        return root.find(f".//{{{namespace}}}ProductVersion").text

    def call(self, uri, action, body, selectors=()):
        """One request; gives the first element of the answer's body."""
        message_id = f"uuid:{uuid.uuid4()}"
        chosen = "".join(
            f'<w:Selector Name="{name}">{html.escape(value)}</w:Selector>'
            for name, value in dict(selectors).items()
        )
        envelope = (
            f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:n="{N}" xmlns:w="{W}"><s:Header>'
            f"<a:To>{self._endpoint}</a:To>"
            f'<w:ResourceURI s:mustUnderstand="true">{uri}</w:ResourceURI>'
            f'<a:ReplyTo><a:Address s:mustUnderstand="true">{ANONYMOUS}</a:Address></a:ReplyTo>'
            f'<a:Action s:mustUnderstand="true">{action}</a:Action>'
            f'<w:MaxEnvelopeSize s:mustUnderstand="true">153600</w:MaxEnvelopeSize>'
            f"<a:MessageID>{message_id}</a:MessageID>"
            '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>'
            "<w:OperationTimeout>PT60S</w:OperationTimeout>"
            + (f"<w:SelectorSet>{chosen}</w:SelectorSet>" if chosen else "")
            + f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
        root = ElementTree.fromstring(self._transport.send_message(envelope))
        assert root.find(f"{{{S}}}Header/{{{A}}}RelatesTo").text == message_id
        assert root.find(f"{{{S}}}Header/{{{A}}}Action").text == action + "Response"
        return next(iter(root.find(f"{{{S}}}Body")), None)

    def start_query(self, wql, optimize=True):
        options = "<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>" if optimize else ""
        body = (
            f"<n:Enumerate>{options}"
            '<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">'
            f"{html.escape(wql)}</w:Filter></n:Enumerate>"
        )
        return self.call(V2 + "*", N + "/Enumerate", body)

    def pull(self, context, most=32000):
        body = (
            f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>"
            f"<n:MaxElements>{most}</n:MaxElements></n:Pull>"
        )
        return self.call(V2 + "*", N + "/Pull", body)

    def release(self, context):
        body = f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>"
        return self.call(V2 + "*", N + "/Release", body)

    def query(self, wql, read=None):
        """All instances, as dictionaries, or as `read` reads them."""
        read = read or properties
        answer = self.start_query(wql)
        instances = []
        while True:
            for space in (W, N):
                items = answer.find(f"{{{space}}}Items")
                instances += [read(one) for one in items] if items is not None else []
                if answer.find(f"{{{space}}}EndOfSequence") is not None:
                    return instances
            answer = self.pull(context_of(answer))

    def get(self, class_name, **keys):
        action = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get"
        return properties(self.call(V2 + class_name, action, "", keys))

    def invoke(self, class_name, method, keys, **parameters):
        uri = V2 + class_name
        values = "".join(f"<m:{k}>{html.escape(v)}</m:{k}>" for k, v in parameters.items())
        body = f'<m:{method}_INPUT xmlns:m="{uri}">{values}</m:{method}_INPUT>'
        return self.call(uri, f"{uri}/{method}", body, keys)


def context_of(answer):
    return answer.find(f"{{{N}}}EnumerationContext").text


def local(element):
    return element.tag.rpartition("}")[2]


def properties(instance):
    """Name to text, None for null, a list for what is there more than once."""
    found = {}
    for element in instance:
        value = None if element.get(XSI_NIL) == "true" else "".join(element.itertext())
        name = local(element)
        if name in found:
            before = found[name]
            value = (before if isinstance(before, list) else [before]) + [value]
        found[name] = value
    return found


def dict_of_elements(instance):
    return {local(element): element for element in instance}


def key_of(row, name, key):
    """A key of the instance that a property refers to."""
    (selectors,) = row[name].findall(f"{{{A}}}ReferenceParameters/{{{W}}}SelectorSet")
    return {one.get("Name"): one.text for one in selectors}[key]


def embedded(instance, **changes):
    """The instance as CIM-XML, with some booleans changed: what Hyper-V's methods take."""
    out = '<INSTANCE CLASSNAME="Msvm_SecuritySettingData">'
    for name, value in {**instance, **changes}.items():
        kind = "boolean" if value in ("true", "false") else "string"
        text = "" if value is None else f"<VALUE>{html.escape(value)}</VALUE>"
        out += f'<PROPERTY NAME="{name}" TYPE="{kind}">{text}</PROPERTY>'
    return out + "</INSTANCE>"


class ClientTests:
    """Run three times: over HTTP with credentials, over TLS, and encrypted over HTTP."""

    ARGS = []
    OPTIONS = {}

    def setUp(self):
        self.sim = Simulator(BINARY, FLEET, self.ARGS)
        self.sim.__enter__()
        self.addCleanup(self.sim.stop)
        self.client = self.connect("hv-a")

    def connect(self, host, **options):
        return Client(self.sim.endpoint(host), **self.options(), **options)

    def options(self):
        return {}

    def test_identify(self):
        self.assertEqual(self.client.identify(), "OS: 10.0.20348 SP: 0.0 Stack: 3.0")

    def test_queries_all_vms_in_two_requests(self):
        systems = self.client.query("SELECT * FROM Msvm_ComputerSystem WHERE Name <> ElementName")
        self.assertEqual(len(systems), 42)
        self.assertEqual({one["Caption"] for one in systems}, {"Virtual Machine"})
        log = self.sim.log()
        self.assertEqual([entry["operation"] for entry in log], ["enumerate", "pull"])
        self.assertEqual(log[1]["class"], "Msvm_ComputerSystem")

    def test_joins_settings_by_guid(self):
        realized = self.client.query(
            "SELECT InstanceID, ElementName FROM Msvm_VirtualSystemSettingData "
            "WHERE VirtualSystemType = 'Microsoft:Hyper-V:System:Realized'"
        )
        security = self.client.query("SELECT InstanceID, TpmEnabled FROM Msvm_SecuritySettingData")
        self.assertEqual(len(realized), 42)
        self.assertEqual(len(security), 44)
        prefixes = [one["InstanceID"].partition("\\")[0] for one in security]
        for one in realized:
            self.assertEqual(prefixes.count(one["InstanceID"]), 1)

    def test_a_backslash_in_wql_is_doubled(self):
        vm = self.sim.vm("hv-a", "dc-01")["id"]
        found = self.client.query(
            f"SELECT * FROM Msvm_SecuritySettingData WHERE InstanceID LIKE 'Microsoft:{vm}\\\\%'"
        )
        self.assertEqual(len(found), 1)

    def test_releases_an_enumeration(self):
        context = context_of(self.client.start_query("SELECT * FROM Msvm_ComputerSystem", False))
        self.client.release(context)
        with self.assertRaises(WinRMTransportError) as raised:
            self.client.pull(context)
        self.assertIn("InvalidEnumerationContext", str(raised.exception.response_text))

    def test_modifies_follows_the_job_and_reads_back(self):
        vm = self.sim.vm("hv-a", "dc-01")["id"]
        before = self.client.query(
            f"SELECT * FROM Msvm_SecuritySettingData WHERE InstanceID LIKE 'Microsoft:{vm}%'"
        )[0]
        self.assertEqual(before["TpmEnabled"], "false")
        service = self.client.query("SELECT * FROM Msvm_SecurityService")[0]
        keys = ("SystemCreationClassName", "SystemName", "CreationClassName", "Name")
        output = self.client.invoke(
            "Msvm_SecurityService",
            "ModifySecuritySettings",
            {key: service[key] for key in keys},
            SecuritySettingData=embedded(before, TpmEnabled="true"),
        )
        self.assertEqual(local(output), "ModifySecuritySettings_OUTPUT")
        self.assertEqual(output.find(f"{{{V2}Msvm_SecurityService}}ReturnValue").text, "4096")
        job = output.find(f".//{{{W}}}Selector[@Name='InstanceID']").text
        ended = self.follow(job)
        self.assertEqual((ended["JobState"], ended["ErrorCode"]), ("7", "0"))
        after = self.client.get("Msvm_SecuritySettingData", InstanceID=before["InstanceID"])
        self.assertEqual(after, {**before, "TpmEnabled": "true"})
        self.assertTrue(self.sim.security("hv-a", "dc-01")["tpmEnabled"])
        self.assertEqual(self.associations(), {vm: job})
        calls = self.sim.modifications()
        self.assertEqual(len(calls), 1)
        self.assertEqual((calls[0]["jobRunning"], calls[0]["changes"]), (False, 1))
        self.assertEqual(self.sim.needless_modifications(), [])
        self.assertEqual(calls[0]["vm"], vm)
        self.assertEqual(calls[0]["values"]["TpmEnabled"], "true")
        self.assertEqual(calls[0]["returnValue"], 4096)

    def test_a_failed_job_gives_its_errors(self):
        instance = self.client.query(
            "SELECT * FROM Msvm_SecuritySettingData WHERE InstanceID LIKE "
            f"'Microsoft:{self.sim.vm('hv-a', 'dc-02')['id']}%'"
        )[0]
        output = self.client.invoke(
            "Msvm_SecurityService",
            "ModifySecuritySettings",
            {"CreationClassName": "Msvm_SecurityService"},
            SecuritySettingData=embedded(instance, TpmEnabled="true"),
        )
        job = output.find(f".//{{{W}}}Selector[@Name='InstanceID']").text
        ended = self.follow(job)
        self.assertEqual((ended["JobState"], ended["ErrorCode"]), ("10", "32768"))
        self.assertIn("without a valid key protector", ended["ErrorDescription"])
        errors = self.client.invoke("Msvm_ConcreteJob", "GetErrorEx", {"InstanceID": job})
        texts = [ElementTree.fromstring(one.text) for one in errors if local(one) == "Errors"]
        self.assertEqual(len(texts), 3)
        self.assertFalse(self.sim.security("hv-a", "dc-02")["tpmEnabled"])

    def associations(self):
        """VM to job, as Msvm_AffectedJobElement relates them, in both shapes of an answer."""
        wql = "SELECT AffectedElement, AffectingElement FROM Msvm_AffectedJobElement"
        whole, fragments = (
            {
                key_of(row, "AffectedElement", "Name"): key_of(row, "AffectingElement", "InstanceID")
                for row in self.client.query(query, read=dict_of_elements)
            }
            for query in ("SELECT * FROM Msvm_AffectedJobElement", wql)
        )
        self.assertEqual(whole, fragments)
        return whole

    def follow(self, job):
        deadline = time.monotonic() + 20
        while True:
            state = self.client.get("Msvm_ConcreteJob", InstanceID=job)
            if state["JobState"] not in ("2", "3", "4", "5", "6"):
                return state
            self.assertLess(time.monotonic(), deadline, "the job does not end")
            time.sleep(0.02)

    def test_a_key_protector_is_four_bytes_when_there_is_none(self):
        for vm, size in (("dc-02", 4), ("dc-01", 5183)):
            guid = self.sim.vm("hv-a", vm)["id"]
            instance = self.client.query(
                f"SELECT * FROM Msvm_SecuritySettingData WHERE InstanceID LIKE 'Microsoft:{guid}%'"
            )[0]
            output = self.client.invoke(
                "Msvm_SecurityService",
                "GetKeyProtector",
                {"CreationClassName": "Msvm_SecurityService"},
                SecuritySettingData=embedded(instance),
            )
            data = [int(one.text) for one in output if local(one) == "KeyProtector"]
            self.assertEqual(len(data), size)
            self.assertEqual(data == [0, 0, 0, 4], size == 4)

    def test_a_localized_host(self):
        systems = self.connect("hv-b").query("SELECT * FROM Msvm_ComputerSystem")
        self.assertEqual(
            [one["Caption"] for one in systems],
            ["ホスティング コンピューター システム", "仮想マシン"],
        )
        self.assertEqual(systems[1]["EnabledState"], "2")


class HttpClientTest(ClientTests, unittest.TestCase):
    ARGS = ["--auth", "admin:secret"]

    def test_wrong_credentials_are_refused(self):
        with self.assertRaises(InvalidCredentialsError):
            Client(self.sim.endpoint("hv-a"), password="wrong").identify()
        self.assertEqual([entry["status"] for entry in self.sim.log()], [401])


class TlsClientTest(ClientTests, unittest.TestCase):
    ARGS = ["--tls"]

    def options(self):
        return {"ca_trust_path": self.sim.certificate_file}

    def test_an_untrusted_certificate_is_refused_by_the_client(self):
        with self.assertRaises(Exception) as raised:
            Client(self.sim.endpoint("hv-a")).identify()
        self.assertIn("CERTIFICATE_VERIFY_FAILED", str(raised.exception))


class NtlmClientTest(ClientTests, unittest.TestCase):
    """Everything through pywinrm's own NTLM and message encryption."""

    @classmethod
    def setUpClass(cls):
        legacy_digests.load()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        users = pathlib.Path(folder.name) / "users"
        users.write_text("DOMAIN:alice:secret\n")
        cls.ARGS = ["--ntlm-users", users]

    def options(self):
        name = "DOMAIN\\alice"
        return {"username": name, "auth_method": "ntlm", "message_encryption": "always"}

    def test_queries_all_vms_in_two_requests(self):
        systems = self.client.query("SELECT * FROM Msvm_ComputerSystem WHERE Name <> ElementName")
        self.assertEqual(len(systems), 42)
        log = [entry for entry in self.sim.log() if entry["operation"] != "unknown"]
        self.assertEqual([entry["operation"] for entry in log], ["enumerate", "pull"])
        for entry in log:
            who = (entry["user"], entry["auth"], entry["encrypted"])
            self.assertEqual(who, ("DOMAIN\\alice", "NTLM", True))

    def test_nothing_goes_over_the_wire_in_the_clear(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "raw"
            with Simulator(BINARY, FLEET, [*self.ARGS, "--raw-log", file]) as sim:
                client = Client(sim.endpoint("hv-a"), **self.options())
                client.query("SELECT * FROM Msvm_ComputerSystem")
                client.identify()
            raw = file.read_bytes()
        self.assertGreater(raw.count(b"\r\n--Encrypted Boundary\r\n"), 4)
        for text in (b"Envelope", b"Msvm_", b"secret", "secret".encode("utf-16-le")):
            self.assertEqual(raw.count(text), 0, text)

    def test_wrong_credentials_are_refused(self):
        for wrong in ({"password": "wrong"}, {"username": "DOMAIN\\nobody"}):
            with self.assertRaises(InvalidCredentialsError):
                Client(self.sim.endpoint("hv-a"), **{**self.options(), **wrong}).identify()
        self.assertEqual({entry["status"] for entry in self.sim.log()}, {401})


if __name__ == "__main__":
    unittest.main()

"""What an administrator would write with pywinrm: read the same of each host and compare it.

    pywinrm_check.py threads|sequential < plan

The plan is what hvsec-bench-floor reads. Prints how many VMs differ.
"""

import sys
import threading
import uuid
import xml.etree.ElementTree as ElementTree

from winrm.transport import Transport

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
N = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
URI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/*"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"


def envelope(endpoint, action, body):
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:n="{N}" xmlns:w="{W}"><s:Header>'
        f'<a:To>{endpoint}</a:To><w:ResourceURI s:mustUnderstand="true">{URI}</w:ResourceURI>'
        f'<a:ReplyTo><a:Address s:mustUnderstand="true">{A}/role/anonymous</a:Address></a:ReplyTo>'
        f'<a:Action s:mustUnderstand="true">{N}/{action}</a:Action>'
        '<w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize>'
        f"<a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
        "<w:OperationTimeout>PT60S</w:OperationTimeout>"
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


def local(element):
    return element.tag.rsplit("}", 1)[-1]


def enumerate_all(transport, endpoint, wql):
    """The instances that `wql` selects, each as a dictionary."""
    wql = wql.replace("&", "&amp;").replace("<", "&lt;")
    body = (
        "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>"
        f'<w:Filter Dialect="{WQL}">{wql}</w:Filter></n:Enumerate>'
    )
    action, found = "Enumerate", []
    while True:
        root = ElementTree.fromstring(
            transport.send_message(envelope(endpoint, action, body))
        )
        done, context = False, ""
        for element in root.iter():
            name = local(element)
            if name == "Items":
                found += [{local(p): p.text for p in item} for item in element]
            elif name == "EndOfSequence":
                done = True
            elif name == "EnumerationContext":
                context = element.text
        if done:
            return found
        action = "Pull"
        body = (
            f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>"
            "<n:MaxElements>32000</n:MaxElements></n:Pull>"
        )


def key(path):
    return path.split("\\")[0].rsplit(":", 1)[-1]


def check(endpoint, queries):
    """How many VMs of a host have no TPM."""
    transport = Transport(
        endpoint=endpoint, username="u", password="p", auth_method="basic",
        server_cert_validation="ignore",
    )
    by_class = {}
    for wql in queries:
        by_class[wql.split(" FROM ")[1].split()[0]] = enumerate_all(transport, endpoint, wql)
    settings = {key(one["InstanceID"]): one for one in by_class["Msvm_SecuritySettingData"]}
    powered = {one["Name"]: one for one in by_class["Msvm_ComputerSystem"]}
    return sum(
        settings[vm["VirtualSystemIdentifier"]]["TpmEnabled"] != "true"
        for vm in by_class["Msvm_VirtualSystemSettingData"]
        if vm["VirtualSystemIdentifier"] in powered
    )


def main():
    queries, endpoints = sys.stdin.read().split("\n\n")
    queries, endpoints = queries.split("\n"), endpoints.split()
    drifted = []

    def one(endpoint):
        drifted.append(check(endpoint, queries))

    if sys.argv[1] == "threads":
        threads = [threading.Thread(target=one, args=(endpoint,)) for endpoint in endpoints]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    else:
        for endpoint in endpoints:
            one(endpoint)
    assert len(drifted) == len(endpoints), "a host was not read"
    print(sum(drifted))


if __name__ == "__main__":
    main()

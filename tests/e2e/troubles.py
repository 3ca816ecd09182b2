"""What can go wrong between hvsec and a host, drawn at random."""

# Every request of an apply. Those that a whole host hangs on are drawn seldom, so that most hosts
# come as far as the changes of their VMs.
PLACES = (
    (1, {"operation": "enumerate", "class": "Msvm_VirtualSystemSettingData"}),
    (1, {"operation": "enumerate", "class": "Msvm_ComputerSystem"}),
    (1, {"operation": "enumerate", "class": "Msvm_SecuritySettingData"}),
    (1, {"operation": "enumerate", "class": "Msvm_SecurityService"}),
    (1, {"operation": "enumerate", "class": "Msvm_AffectedJobElement"}),
    (2, {"operation": "pull"}),
    (20, {"operation": "get", "class": "Msvm_SecuritySettingData"}),
    (15, {"operation": "get", "class": "Msvm_ComputerSystem"}),
    (20, {"operation": "get", "class": "Msvm_ConcreteJob"}),
    (10, {"operation": "invoke", "method": "GetKeyProtector"}),
    (20, {"operation": "invoke", "method": "ModifySecuritySettings"}),
)

# What can go wrong, and how often it is drawn: what ends in waiting is drawn less often.
TROUBLES = (
    (4, lambda chance: ("drop", {"when": chance.choice(("before", "after"))})),
    (2, lambda chance: ("delay", {"seconds": chance.choice((0.05, 0.3, 1.5))})),
    (3, lambda chance: ("httpStatus", {"code": chance.choice((400, 403, 404, 500, 502, 503))})),
    (2, lambda _: ("soapFault", {"subcode": "w:InternalError", "code": 2150859174})),
    (2, lambda _: ("soapFault", {"subcode": "w:TimedOut", "code": 2150858793})),
    (4, lambda chance: ("cutAt", {"bytes": chance.randrange(1, 3000)})),
    (3, lambda chance: ("wrongLength", {"delta": chance.choice((-200, -1, 1, 5000))})),
    (3, lambda _: ("chunked", {})),
    (2, lambda chance: ("interim", {"count": chance.choice((1, 3, 50))})),
    (1, lambda chance: ("halfOpen", {"when": chance.choice(("before", "after"))})),
    (1, lambda chance: ("neverAnswers", {"when": chance.choice(("before", "after"))})),
    (3, lambda chance: ("garbage", {"bytes": chance.randrange(1, 5000)})),
    (2, lambda chance: ("giantAnswer", {"bytes": chance.choice((10**7, 10**12))})),
    (2, lambda _: ("deepXml", {"depth": 100_000})),
    (2, lambda _: ("entityBomb", {})),
    (3, lambda _: ("otherMessageId", {})),
    (1, lambda _: ("slowBody", {"bytesPerSecond": 500})),
)


def draw(chance, table):
    (found,) = chance.choices([one for _, one in table], [weight for weight, _ in table])
    return found


def draw_fault(chance):
    name, arguments = draw(chance, TROUBLES)(chance)
    return {"fault": name, **arguments, **draw(chance, PLACES), "times": 1}

"""Two messages of Eventstore's Operations service, which esdbclient does not ship.

StopScavengeReq is {Options options = 1}, its Options {string scavenge_id = 1}; ScavengeResp is
{string scavenge_id = 1; ScavengeResult scavenge_result = 2}. Described at run time, so that
protobuf itself reads and writes them; an enumeration is an int32 on the wire.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

STARTED, IN_PROGRESS, STOPPED = range(3)
"""ScavengeResp.ScavengeResult"""

_PACKAGE = "event_store.client.operations"
_FILE = "embedded_eventstore/operations.proto"
_FIELD = descriptor_pb2.FieldDescriptorProto


def _field(
    name: str, number: int, kind: Any, message: str = ""
) -> descriptor_pb2.FieldDescriptorProto:
    field = _FIELD(name=name, number=number, type=kind, label=_FIELD.LABEL_OPTIONAL)
    if message:
        field.type_name = f".{_PACKAGE}.{message}"
    return field


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name=_FILE, package=_PACKAGE, syntax="proto3")
    stop = file.message_type.add(name="StopScavengeReq")
    options = stop.nested_type.add(name="Options")
    options.field.append(_field("scavenge_id", 1, _FIELD.TYPE_STRING))
    stop.field.append(_field("options", 1, _FIELD.TYPE_MESSAGE, "StopScavengeReq.Options"))
    response = file.message_type.add(name="ScavengeResp")
    response.field.append(_field("scavenge_id", 1, _FIELD.TYPE_STRING))
    response.field.append(_field("scavenge_result", 2, _FIELD.TYPE_INT32))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClassesForFiles([_FILE], pool)


_CLASSES = _classes()
StopScavengeReq: Any = _CLASSES[f"{_PACKAGE}.StopScavengeReq"]
ScavengeResp: Any = _CLASSES[f"{_PACKAGE}.ScavengeResp"]

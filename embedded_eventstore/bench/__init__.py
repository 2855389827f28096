"""How fast is it, beside what gRPC alone allows and beside ``eventsourcing``'s recorders?"""

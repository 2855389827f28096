"""The shop under blows: killed parts, dying reactions, bad input; and the audit of its log."""

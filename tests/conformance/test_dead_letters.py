"""What the dead-letter topic tells of: whoever may write to topics may write to that one too."""

LETTER = '{"topic": "u.pin", "partition": 3, "offset": 42, "reason": "not JSON: byte 0", "timestamp": 7'
NOT_OURS = "in the dead-letter topic, but not put there by the sink"


def test_a_dead_letter_tells_what_was_refused_and_anything_else_is_rejected_itself(engine):
    expected = {
        LETTER + ', "value_base64": "aGkgw6k="}': ("u.pin", "3/42", "hi é", "not JSON: byte 0"),
        LETTER + ', "value_base64": "//4="}': ("u.pin", "3/42", "base64://4=", "not JSON: byte 0"),
        LETTER + ', "value_base64": null}': ("u.pin", "3/42", None, "not JSON: byte 0"),
        LETTER + "}": ("u.pin", "3/42", None, "not JSON: byte 0"),
    }
    strangers = ["not json", "7", "{}", '{"topic": "u.pin"}', LETTER + ', "value_base64": "#"}']
    expected |= {
        line: ("u.dead", f"0/{number}", line, NOT_OURS) for number, line in enumerate(strangers, start=len(expected))
    }
    assert engine.dead_letters(expected) == list(expected.values())

"""What is changed in what schemathesis sends, with the reason."""

import schemathesis


def whole(value):
    """Writes 8.0 as 8: to JSON Schema both are integers, and the API takes only the second."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(element) for element in value]
    if isinstance(value, dict):
        return {name: whole(element) for name, element in value.items()}
    return value


@schemathesis.hook
def map_body(context, body):
    return whole(body)

"""Routes, errors and tags, as every service of the control plane has them."""

import pytest

from local.control_plane.rest import Answer, Call, Service, merge, route


class Things(Service):
    @route("GET", "/things/{}")
    @route("GET", "/v2/things/{}")
    def get(self, call, name):
        if name == "none":
            raise self.not_found("The thing none")
        return {"name": name, "region": self.region}

    @route("POST", "/things")
    def create(self, call):
        return {"name": self.required(call, "name")}


@pytest.fixture
def things():
    return Things("eu-west-1")


@pytest.mark.parametrize("path", ["/things/arn%3Aaws%3Ax%2Fy%20z", "/v2/things/arn%3Aaws%3Ax%2Fy%20z"])
def test_a_name_in_the_path_is_unquoted_after_the_path_is_cut(things, path):
    assert things.answer(Call("GET", path)) == Answer(200, {"name": "arn:aws:x/y z", "region": "eu-west-1"})


@pytest.mark.parametrize(("method", "path"), [("GET", "/things"), ("PUT", "/things/a"), ("GET", "/things/a/b")])
def test_what_is_not_known_is_501_with_its_name(things, method, path):
    message = f"the offline control plane cannot do this: {method} {path} is not known here"
    assert things.answer(Call(method, path)) == Answer(501, {"message": message}, "NotImplementedException")


def test_errors_have_status_code_and_message(things):
    missing = Answer(404, {"message": "The thing none does not exist."}, "NotFoundException")
    assert things.answer(Call("GET", "/things/none")) == missing
    assert things.answer(Call("POST", "/things")) == Answer(400, {"message": "name is required"}, "BadRequestException")


def test_merge_goes_into_objects_and_null_changes_nothing():
    old = {"a": {"b": 1, "c": [1, 2]}, "d": "x"}
    assert merge(old, {"a": {"c": [3], "e": None}, "d": None, "f": 2}) == {"a": {"b": 1, "c": [3]}, "d": "x", "f": 2}
    assert old == {"a": {"b": 1, "c": [1, 2]}, "d": "x"}

"""Each module's README: a stranger can call the module from it, and it says what the module's files say."""

import re

import pytest

from infra.module_docs import blocks, main, readmes, up_to_date
from pipeline.errors import UserError

VARIABLES = r"""
variable "name" {
  type        = string
  description = "Name of it, e.g. <user_id>.pin|.geo."
}

variable "workers" {
  type = map(object({
    units = number
  }))
  description = "Workers by name."
  default     = {}
  validation {
    condition     = length(var.workers) < 3
    error_message = "workers must be fewer than 3."
  }
  validation {
    condition     = length(var.workers) < 2
    error_message = "workers must be fewer than ${1 + 1}."
  }
}

variable "zones" {
  type        = list(string)
  description = "Zones."
  default     = ["a", "b"]
  validation {
    condition     = length(var.zones) == 2
    error_message = "zones must be two: LONG."
  }
}

variable "key" {
  type        = string
  description = "Key."
  default     = null
}

variable "copies" {
  type        = number
  description = "Copies."
  default     = 1
}

variable "public" {
  type        = bool
  description = "Public."
  default     = true
}

variable "way" {
  type        = string
  description = "Way."
  default     = "there"
}
""".replace("LONG", "so long a reason makes a table hard to read, " * 3)
OUTPUTS = """
output "arn" {
  description = "ARN of it."
  value       = 1
}
"""
README = """# Thing

Why.

<!-- made by python -m infra.module_docs -->
stale
<!-- end -->

What follows stays.
"""
EXPECTED = r"""# Thing

Why.

<!-- made by python -m infra.module_docs -->

## Inputs

| name | type | default | what it is |
| --- | --- | --- | --- |
| `name` | `string` | required | Name of it, e.g. \<user_id>.pin\|.geo. |
| `workers` | `map(object({units = number}))` | `{}` | Workers by name. workers must be fewer than 3. |
| `zones` | `list(string)` | `["a", "b"]` | Zones. |
| `key` | `string` | `null` | Key. |
| `copies` | `number` | `1` | Copies. |
| `public` | `bool` | `true` | Public. |
| `way` | `string` | `"there"` | Way. |

## Outputs

| name | what it is |
| --- | --- |
| `arn` | ARN of it. |

<!-- end -->

What follows stays.
"""


@pytest.fixture
def module(tmp_path):
    folder = tmp_path / "thing"
    folder.mkdir()
    (folder / "variables.tf").write_text(VARIABLES)
    (folder / "outputs.tf").write_text(OUTPUTS)
    (folder / "README.md").write_text(README)
    return folder


def test_the_tables_say_what_the_files_say(module):
    assert up_to_date(module / "README.md") == EXPECTED


def test_a_readme_that_is_up_to_date_stays_as_it_is(module):
    (module / "README.md").write_text(EXPECTED)
    assert up_to_date(module / "README.md") == EXPECTED


@pytest.mark.parametrize("text", [None, "# Thing\n", "<!-- made by python -m infra.module_docs -->\n"])
def test_a_readme_without_a_place_for_the_tables_is_named(module, text):
    (module / "README.md").unlink()
    if text is not None:
        (module / "README.md").write_text(text)
    with pytest.raises(UserError, match=r"thing/README.md: needs the line <!-- made by python -m infra.module_docs"):
        up_to_date(module / "README.md")


def test_the_command_writes_what_is_stale_and_tells_it(module, monkeypatch, capsys):
    monkeypatch.setattr("infra.module_docs.MODULES", module.parent)
    monkeypatch.setattr("infra.module_docs.ROOT", module.parent)
    main()
    assert (module / "README.md").read_text() == EXPECTED
    assert capsys.readouterr().out == "thing/README.md: written\n"
    main()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("readme", readmes(), ids=lambda readme: readme.parent.name)
class TestEachModule:
    def test_its_readme_is_up_to_date(self, readme):
        assert readme.read_text() == up_to_date(readme), "run: python -m infra.module_docs"

    def test_its_readme_begins_with_a_paragraph(self, readme):
        title, paragraph = readme.read_text().split("\n\n")[:2]
        assert title.startswith("# ")
        assert re.match(r"\w", paragraph)  # no heading, table or code
        assert len(paragraph) > 100

    def test_its_readme_has_an_example(self, readme):
        example = readme.read_text().split("```hcl\n")[1].split("```")[0]
        assert re.search(rf'^  source += "\.\./modules/{readme.parent.name}"$', example, re.MULTILINE)

    def test_its_variables_have_a_type_and_a_description(self, readme):
        variables = blocks(readme.parent, "variable")
        assert variables
        assert [name for name, body in variables.items() if not (body.get("type") and body.get("description"))] == []

    def test_its_outputs_have_a_description(self, readme):
        outputs = blocks(readme.parent, "output")
        assert outputs
        assert [name for name, body in outputs.items() if not body.get("description")] == []

"""The sandbox of the tests: it imports the shell anew for every workflow, and so sees what the shell must not do."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

STRICT = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "domain",
        "workflows.command_signatures",
        "workflows.contract",
        "workflows.policies",
        "pydantic",
        "pydantic_core",
    )
)
"""As the worker's own (`worker.SANDBOX`), but that `workflows.entity` and the bindings are not passed through."""

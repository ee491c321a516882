#!/bin/sh
# What a CI job does: the verdict, then the reports for those who read them. The job fails as the audit does.
reprise audit run "$@"
code=$?
reprise audit report --format junit --output audit.xml
reprise audit report --format markdown --output "${GITHUB_STEP_SUMMARY:-audit.md}"
if [ "${GITHUB_ACTIONS:-}" = true ]; then reprise audit report --format github; fi
exit $code

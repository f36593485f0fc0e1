"""Which containers run."""

import subprocess


def containers(project, service):
    found = subprocess.run(
        ["docker", "ps", "-q", "--filter", f"label=com.docker.compose.project={project}",
         "--filter", f"label=com.docker.compose.service={service}"],
        check=True, capture_output=True, text=True)
    return found.stdout.split()

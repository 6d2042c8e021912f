package io.gantry.runtime.container;

import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Linux;

/** What every container of an engine uses to launch its processes. */
record LaunchParts(
    Linux linux, Launcher launcher, Privileges privileges, ContainerEngine.Notices notices) {}

package io.gantry.proto.frontend;

import io.grpc.Channel;
import java.nio.file.Path;

/**
 * What a frontend gets from the daemon that it runs in.
 *
 * @param channel to the daemon's services: the CRI and gantry.v1
 * @param root a directory of the frontend's own, which outlives a reboot; may not exist yet
 * @param runtimeSocket where the same services are to be had by others
 * @param version of the daemon
 */
public record FrontendContext(
    Channel channel, Path root, Path runtimeSocket, String version, FrontendSettings settings) {}

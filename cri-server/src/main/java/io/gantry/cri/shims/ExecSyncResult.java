package io.gantry.cri.shims;

import com.google.protobuf.ByteString;

/**
 * What a command run inside a container printed and how it ended.
 *
 * @param exitCode 0-255; 128 + n when signal n killed it
 * @param timedOut its time was over: it was killed with everything it had started
 * @param stdout what it printed, at most as many bytes as were allowed
 * @param stderr the same for standard error
 */
public record ExecSyncResult(
    int exitCode, boolean timedOut, ByteString stdout, ByteString stderr) {}

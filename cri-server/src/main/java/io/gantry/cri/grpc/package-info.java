/**
 * The gRPC endpoints: every RPC is dispatched to one handler, logged, and its failure turned into a
 * gRPC status, in one place. No RPC's own behaviour lives here, and nothing about sockets or
 * processes.
 */
package io.gantry.cri.grpc;

/**
 * Protobuf messages as JSON and back, for records on disk, verbose answers and logs.
 *
 * <p>Nothing here knows what a message means: no files, no RPCs, no names of particular messages
 * beyond the well-known types and what must stay out of logs.
 */
package io.gantry.cri.protojson;

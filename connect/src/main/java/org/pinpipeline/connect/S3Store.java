package org.pinpipeline.connect;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The three things the sink asks of a bucket. Each throws RetriableException when S3 may answer later, and
 * ConnectException when it will not until somebody has mended something.
 */
final class S3Store implements AutoCloseable {
    private static final String JSON_LINES = "application/x-ndjson";

    private final S3Client s3;
    private final String bucket;

    S3Store(S3Client s3, String bucket) {
        this.s3 = s3;
        this.bucket = bucket;
    }

    /** Stores the object unless one of this name is there; tells whether it did. */
    boolean putIfAbsent(String key, ByteBuffer content, Map<String, String> metadata) {
        RequestBody body = RequestBody.fromContentProvider(
                () -> new ByteArrayInputStream(content.array(), content.arrayOffset(), content.remaining()),
                content.remaining(), JSON_LINES);
        try {
            s3.putObject(request -> request.bucket(bucket).key(key).ifNoneMatch("*").contentType(JSON_LINES)
                    .metadata(metadata), body);
            return true;
        } catch (SdkException e) {
            if (S3Answers.status(e) == 412) {
                return false;
            }
            throw failure("PUT " + key, e);
        }
    }

    /** User metadata of the object; empty when there is none of this name. */
    Optional<Map<String, String>> metadata(String key) {
        try {
            return Optional.of(s3.headObject(request -> request.bucket(bucket).key(key)).metadata());
        } catch (SdkException e) {
            if (S3Answers.status(e) == 404) {
                return Optional.empty();
            }
            throw failure("HEAD " + key, e);
        }
    }

    /**
     * Some of the names that begin with the prefix and sort after {@code after}, in order, none left out; empty when
     * there is none. Paged by name rather than by token: some S3 servers end a token's listing too early when names
     * hold a {@code +}.
     */
    List<String> keysAfter(String after, String prefix) {
        try {
            return s3.listObjectsV2(request -> request.bucket(bucket).prefix(prefix).startAfter(after))
                    .contents().stream().map(S3Object::key).toList();
        } catch (SdkException e) {
            throw failure("LIST " + prefix, e);
        }
    }

    @Override
    public void close() {
        s3.close();
    }

    private ConnectException failure(String what, SdkException e) {
        String message = "S3 bucket " + bucket + ": " + what + " failed: " + S3Answers.explain(e);
        return S3Answers.mayPass(e) ? new RetriableException(message, e) : new ConnectException(message, e);
    }
}

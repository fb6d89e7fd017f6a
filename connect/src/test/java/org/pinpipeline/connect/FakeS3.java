package org.pinpipeline.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** One bucket, in memory, that fails as it is told to. */
final class FakeS3 implements S3Client {
    enum Operation { PUT, HEAD, LIST }

    /** What may befall a request. */
    enum Fault {
        INTERNAL_ERROR(500, "InternalError"),
        SLOW_DOWN(503, "SlowDown"),
        TOO_MANY_REQUESTS(429, "TooManyRequests"),
        THROTTLED(400, "ThrottlingException"),
        CONFLICT(409, "ConditionalRequestConflict"),
        ACCESS_DENIED(403, "AccessDenied"),
        MOVED(301, "PermanentRedirect"),
        EXPIRED(400, "ExpiredToken"),
        CONNECTION_RESET,
        /** S3 did as it was asked; nobody hears of it. */
        ANSWER_LOST,
        WORKER_DIES_BEFORE,
        WORKER_DIES_AFTER;

        private final int status;
        private final String code;

        Fault() {
            this(0, null);
        }

        Fault(int status, String code) {
            this.status = status;
            this.code = code;
        }

        boolean isAfterwards() {
            return this == ANSWER_LOST || this == WORKER_DIES_AFTER;
        }

        private RuntimeException exception() {
            if (this == WORKER_DIES_BEFORE || this == WORKER_DIES_AFTER) {
                throw new Death();
            }
            return code == null ? SdkClientException.create("Connection reset") : answer(status, code);
        }
    }

    /** The worker's process is gone. */
    static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }

    private record Stored(byte[] content, Map<String, String> metadata) {}

    private final TreeMap<String, Stored> objects = new TreeMap<>();
    private final Map<Operation, Queue<Fault>> faults = new EnumMap<>(Operation.class);
    private final Map<Integer, Fault> faultsByNumber = new HashMap<>();
    private final List<String> events;
    private int requests;

    /** @param events takes a line for each request */
    FakeS3(List<String> events) {
        this.events = events;
        for (Operation operation : Operation.values()) {
            faults.put(operation, new ArrayDeque<>());
        }
    }

    /** The next so many requests of this kind fail. */
    void fail(Operation operation, Fault fault, int times) {
        for (int i = 0; i < times; i++) {
            faults.get(operation).add(fault);
        }
    }

    /** The request of this number fails, counted from 1 and whatever its kind. */
    void failRequest(int number, Fault fault) {
        faultsByNumber.put(number, fault);
    }

    int faultsLeft() {
        return faults.values().stream().mapToInt(Queue::size).sum();
    }

    /** Stores what this sink did not write. */
    void store(String key, String content, Map<String, String> metadata) {
        objects.put(key, new Stored(content.getBytes(UTF_8), metadata));
    }

    int count() {
        return objects.size();
    }

    /** Names of all objects, each with its content. */
    SortedMap<String, String> contents() {
        SortedMap<String, String> contents = new TreeMap<>();
        objects.forEach((key, stored) -> contents.put(key, new String(stored.content, UTF_8)));
        return contents;
    }

    Map<String, String> metadata(String key) {
        return objects.get(key).metadata;
    }

    /**
     * What has landed of a partition whose values tell their offsets, {"n":0}, {"n":1} and so on: the first and last
     * offset of each object, in the order of names; with a comma where lines between are empty. The offset of every
     * line must be that of the object's name plus the line's number.
     */
    String landed(TopicPartition partition) {
        List<String> ranges = new ArrayList<>();
        String prefix = "topics/" + partition.topic() + "/partition=" + partition.partition() + "/";
        contents().tailMap(prefix).forEach((key, content) -> {
            if (key.startsWith(prefix) && key.endsWith(".json")) {
                long offset = Long.parseLong(key.substring(key.lastIndexOf('+') + 1, key.length() - ".json".length()));
                List<String> runs = new ArrayList<>();
                long first = offset;
                for (String line : content.split("\n")) {
                    if (line.isEmpty()) {
                        if (first < offset) {
                            runs.add(first + "-" + (offset - 1));
                        }
                        first = offset + 1;
                    } else {
                        assertEquals("{\"n\":" + offset + "}", line, key);
                    }
                    offset++;
                }
                runs.add(first + "-" + (offset - 1));
                ranges.add(String.join(",", runs));
            }
        });
        return String.join(" ", ranges);
    }

    @Override
    public PutObjectResponse putObject(PutObjectRequest request, RequestBody body) {
        assertEquals("landing", request.bucket());
        assertEquals("*", request.ifNoneMatch());
        assertEquals("application/x-ndjson", request.contentType());
        byte[] content = read(body);
        return serve(Operation.PUT, request.key(), () -> {
            if (objects.containsKey(request.key())) {
                throw answer(412, "PreconditionFailed");
            }
            objects.put(request.key(), new Stored(content, Map.copyOf(request.metadata())));
            return PutObjectResponse.builder().build();
        });
    }

    @Override
    public HeadObjectResponse headObject(HeadObjectRequest request) {
        assertEquals("landing", request.bucket());
        return serve(Operation.HEAD, request.key(), () -> {
            Stored stored = objects.get(request.key());
            if (stored == null) {
                throw answer(404, "NoSuchKey");
            }
            return HeadObjectResponse.builder().metadata(stored.metadata).build();
        });
    }

    @Override
    public ListObjectsV2Response listObjectsV2(ListObjectsV2Request request) {
        assertEquals("landing", request.bucket());
        int maxKeys = request.maxKeys() == null ? 1000 : request.maxKeys();
        return serve(Operation.LIST, request.prefix(), () -> ListObjectsV2Response.builder()
                .contents(objects.tailMap(request.startAfter(), false).keySet().stream()
                        .filter(key -> key.startsWith(request.prefix()))
                        .limit(maxKeys)
                        .map(key -> S3Object.builder().key(key).build())
                        .toList())
                .build());
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}

    private <T> T serve(Operation operation, String name, Supplier<T> effect) {
        requests++;
        events.add(operation + " " + name);
        Fault fault = faultsByNumber.containsKey(requests)
                ? faultsByNumber.remove(requests)
                : faults.get(operation).poll();
        if (fault == null) {
            return effect.get();
        }
        if (fault.isAfterwards()) {
            try {
                effect.get();
            } catch (S3Exception refusal) {
                // Nobody hears of it either.
            }
        }
        throw fault.exception();
    }

    private static byte[] read(RequestBody body) {
        try (InputStream first = body.contentStreamProvider().newStream();
                InputStream again = body.contentStreamProvider().newStream()) {
            byte[] content = first.readAllBytes();
            assertEquals(content.length, body.optionalContentLength().orElseThrow());
            // The AWS SDK reads the body anew with each attempt of its own.
            assertEquals(new String(content, UTF_8), new String(again.readAllBytes(), UTF_8));
            return content;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RuntimeException answer(int status, String code) {
        return S3Exception.builder().statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().serviceName("S3").errorCode(code).errorMessage(code).build())
                .build();
    }
}

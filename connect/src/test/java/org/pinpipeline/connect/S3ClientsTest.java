package org.pinpipeline.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.Stream;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;

/** The AWS SDK's own client as the sink makes it, before a server that answers with one status after another. */
class S3ClientsTest {
    private final Server server = new Server();

    @Test
    void asksForAnObjectOnlyWhereThereIsNone() {
        server.answer(200);
        assertTrue(store("s3.part.retries", "0").putIfAbsent("a/b+0.json", line(), Map.of("kafka-next-offset", "1")));

        SdkHttpRequest request = server.requests.get(0);
        assertEquals("PUT https://s3.us-west-2.amazonaws.com/landing/a/b%2B0.json", place(request));
        assertEquals(Optional.of("*"), request.firstMatchingHeader("If-None-Match"));
        assertEquals(Optional.of("1"), request.firstMatchingHeader("x-amz-meta-kafka-next-offset"));
        assertEquals(Optional.of("application/x-ndjson"), request.firstMatchingHeader("Content-Type"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:4566, true, PUT http://localhost:4566/landing/key",
        "http://localhost:4566, false, PUT http://landing.localhost:4566/key",
    })
    void asksWhereItIsToldTo(String url, String pathStyle, String place) {
        server.answer(200);
        store("store.url", url, "s3.path.style.access.enabled", pathStyle).putIfAbsent("key", line(), Map.of());
        assertEquals(place, place(server.requests.get(0)));
    }

    @Test
    void triesAgainAsOftenAsItIsToldTo() {
        server.answer(500, 503, 200);
        assertTrue(store("s3.part.retries", "2").putIfAbsent("key", line(), Map.of()));
        assertEquals(3, server.requests.size());

        server.answer(500, 503, 200);
        assertThrows(RetriableException.class,
                () -> store("s3.part.retries", "1").putIfAbsent("key", line(), Map.of()));
        assertEquals(5, server.requests.size());
    }

    /** A repetition by the SDK itself meets the object that its first attempt stored. */
    @Test
    void tellsThatAnObjectIsThere() {
        server.answer(500, 412);
        assertFalse(store("s3.part.retries", "1").putIfAbsent("key", line(), Map.of()));
    }

    /** Answers to HEAD have no body that would tell more than their status. */
    @ParameterizedTest
    @CsvSource({
        "400, ConnectException", "403, ConnectException", "408, RetriableException", "409, RetriableException",
        "429, RetriableException", "500, RetriableException", "503, RetriableException",
    })
    void tellsWhatMayPass(int status, String exception) {
        server.answer(status);
        ConnectException failure =
                assertThrows(ConnectException.class, () -> store("s3.part.retries", "0").metadata("key"));
        assertEquals(exception, failure.getClass().getSimpleName());
        assertTrue(failure.getMessage().startsWith("S3 bucket landing: HEAD key failed: "), failure.getMessage());
    }

    @Test
    void tellsThatAnObjectIsNotThere() {
        server.answer(404);
        assertEquals(Optional.empty(), store("s3.part.retries", "0").metadata("key"));
    }

    private S3Store store(String... keysAndValues) {
        Map<String, String> properties = new HashMap<>(Map.of("s3.bucket.name", "landing", "flush.size", "1"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new S3Store(
                S3Clients.of(new S3SinkConfig(properties), AnonymousCredentialsProvider.create(), server), "landing");
    }

    private static ByteBuffer line() {
        return ByteBuffer.wrap("{}\n".getBytes(UTF_8));
    }

    private static String place(SdkHttpRequest request) {
        return request.method() + " " + request.getUri();
    }

    private static final class Server implements SdkHttpClient {
        final List<SdkHttpRequest> requests = new ArrayList<>();
        private final Queue<Integer> answers = new ArrayDeque<>();

        void answer(Integer... statuses) {
            answers.clear();
            Stream.of(statuses).forEach(answers::add);
        }

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() {
                    requests.add(request.httpRequest());
                    return HttpExecuteResponse.builder()
                            .response(SdkHttpResponse.builder().statusCode(answers.remove()).build())
                            .responseBody(AbortableInputStream.create(new ByteArrayInputStream(new byte[0])))
                            .build();
                }

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    }
}

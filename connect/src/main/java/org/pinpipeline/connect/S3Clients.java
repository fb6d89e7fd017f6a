package org.pinpipeline.connect;

import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the S3 client that a configuration asks for. */
final class S3Clients {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    private S3Clients() {}

    /** With the JDK's HTTP client, and credentials from the environment, a profile or a role. */
    static S3Client of(S3SinkConfig config) {
        AwsCredentialsProvider credentials = DefaultCredentialsProvider.builder().build();
        try {
            // Having none is a mistake to be told at once; failing to get new ones later may pass.
            credentials.resolveCredentials();
        } catch (SdkClientException e) {
            throw new ConnectException("no AWS credentials for the S3 sink: " + e.getMessage(), e);
        }
        return of(config, credentials, UrlConnectionHttpClient.builder().proxyConfiguration(proxy(config)).build());
    }

    /** The proxy of the worker's environment, but for an S3 on this machine. */
    static ProxyConfiguration proxy(S3SinkConfig config) {
        boolean local = config.storeUrl().filter(url -> LOOPBACK.contains(url.getHost())).isPresent();
        return ProxyConfiguration.builder()
                .useSystemPropertyValues(!local)
                .useEnvironmentVariablesValues(!local)
                .build();
    }

    static S3Client of(S3SinkConfig config, AwsCredentialsProvider credentials, SdkHttpClient http) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(config.region()))
                .forcePathStyle(config.pathStyle())
                .credentialsProvider(credentials)
                .httpClient(http)
                .overrideConfiguration(o -> o.retryStrategy(r -> r.maxAttempts(config.retries() + 1)));
        config.storeUrl().ifPresent(builder::endpointOverride);
        return builder.build();
    }
}

using System.Buffers;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Api.Hosting;
using Serverless.Core;

namespace Serverless.Api.Http;

/// <summary>A parsed and validated request of MLflow's protocol, and its response.</summary>
internal sealed class RestCall
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Does not escape quotes: clients and their tests read the text of an error as it is.</summary>
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Dictionary<string, JsonElement> fields;

    private RestCall(HttpContext http, WorkspaceServices workspace, Dictionary<string, JsonElement> fields, long bodyBytes)
    {
        Http = http;
        Workspace = workspace;
        this.fields = fields;
        BodyBytes = bodyBytes;
    }

    public HttpContext Http { get; }

    public WorkspaceServices Workspace { get; }

    /// <summary>The decompressed length of the body.</summary>
    public long BodyBytes { get; }

    public CancellationToken Aborted => Http.RequestAborted;

    public static async Task<RestCall> ReadAsync(HttpContext http, WorkspaceServices workspace, IReadOnlyList<RestField> schema)
    {
        var (fields, bytes) =
            HttpMethods.IsGet(http.Request.Method) && http.Request.Query.Count > 0
                ? (FromQuery(http.Request.Query, schema), 0)
                : await FromBodyAsync(http);
        foreach (var (name, value) in http.Request.RouteValues)
        {
            if (schema.Any(f => f.Name == name) && value is string text)
            {
                fields[name] = JsonSerializer.SerializeToElement(text);
            }
        }

        if (workspace.Options.MasksSecrets && !HttpMethods.IsGet(http.Request.Method))
        {
            SecretMask.Apply(fields, http);
        }

        var isParsed = schema.All(f => !fields.TryGetValue(f.Name, out var value) || f.Parses(value));
        foreach (var field in schema)
        {
            JsonElement? value =
                fields.TryGetValue(field.Name, out var own) ? own
                : field.OtherName is not null && fields.TryGetValue(field.OtherName, out var other) ? fields[field.Name] = other
                : null;
            if (field.Check(value, isParsed) is { } wrong)
            {
                throw wrong;
            }
        }

        return new RestCall(http, workspace, fields, bytes);
    }

    public bool Has(string name) => fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public string? Text(string name) =>
        Has(name)
            ? fields[name] is { ValueKind: JsonValueKind.String } text
                ? text.GetString()
                : fields[name].GetRawText()
            : null;

    public string TextOr(string name, string other = "") => Text(name) ?? other;

    public long? Int64(string name) => Has(name) ? RestField.Number(fields[name]) : null;

    public bool Bool(string name) =>
        Has(name)
        && (
            fields[name].ValueKind == JsonValueKind.True
            || fields[name] is { ValueKind: JsonValueKind.String } t && t.GetString() is "true" or "True"
        );

    public double? Double(string name) => Has(name) ? DoubleOf(fields[name]) : null;

    public IReadOnlyList<JsonElement> List(string name) =>
        Has(name) && fields[name].ValueKind == JsonValueKind.Array ? [.. fields[name].EnumerateArray()] : [];

    public IReadOnlyList<string> Texts(string name) =>
        [.. List(name).Select(i => i.ValueKind == JsonValueKind.String ? i.GetString()! : i.GetRawText())];

    public JsonElement? Raw(string name) => Has(name) ? fields[name] : null;

    public static double? DoubleOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.String when RestValues.TryDouble(value.GetString()!, out var number) => number,
            _ => null,
        };

    /// <summary>Responds with an object.</summary>
    public async Task ReplyAsync(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        Http.Response.ContentType = "application/json";
        Http.Response.ContentLength = buffer.WrittenCount;
        await Http.Response.Body.WriteAsync(buffer.WrittenMemory, Aborted);
    }

    /// <summary>Responds with success and an empty object.</summary>
    public Task ReplyAsync() => ReplyAsync(_ => { });

    /// <summary>Responds with an error as MLflow's server does.</summary>
    public static async Task FailAsync(HttpContext http, ServerlessException e)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = e.Status;
        http.Response.ContentType = "application/json";
        if (e.IsRetryable)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        var message = e.Diagnostics.Count == 0 ? e.Message : e.Message + " " + string.Join(' ', e.Diagnostics);
        await JsonSerializer.SerializeAsync(
            http.Response.Body,
            new Dictionary<string, string> { ["error_code"] = e.Code, ["message"] = message },
            Relaxed
        );
    }

    private static Dictionary<string, JsonElement> FromQuery(IQueryCollection query, IReadOnlyList<RestField> schema)
    {
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, values) in query)
        {
            var field = schema.FirstOrDefault(f => f.Name == name || f.OtherName == name);
            fields[name] =
                field?.Type is RestType.List or RestType.TextList ? JsonSerializer.SerializeToElement(values.ToArray())
                : field?.Type == RestType.Bool && bool.TryParse(values[^1], out var truth) ? JsonSerializer.SerializeToElement(truth)
                : JsonSerializer.SerializeToElement(values[^1]);
        }

        return fields;
    }

    private static async Task<(Dictionary<string, JsonElement> Fields, long Bytes)> FromBodyAsync(HttpContext http)
    {
        var request = http.Request;
        if (request.ContentType is { } type && !type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw ServerlessException.Invalid($"Bad Request. Content-Type '{type}' is not one of: ['application/json']");
        }

        await using var body = request.Headers.ContentEncoding.ToString() switch
        {
            "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress),
            _ => request.Body,
        };
        using var bytes = new MemoryStream(request.ContentLength is { } length and < 1 << 20 ? (int)length : 0);
        try
        {
            await body.CopyToAsync(bytes, http.RequestAborted);
        }
        catch (InvalidDataException)
        {
            throw new ServerlessException(ErrorCodes.BadRequest, "The request body does not match its Content-Encoding.");
        }

        // An unreadable body counts as empty, so that the client gets the error for the first missing required field.
        return (Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length)), bytes.Length);
    }

    private static Dictionary<string, JsonElement> Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var root = JsonSerializer.Deserialize<JsonElement>(bytes.Span);
            // Old clients encode their JSON twice.
            if (root.ValueKind == JsonValueKind.String)
            {
                root = JsonSerializer.Deserialize<JsonElement>(root.GetString()!);
            }

            if (bytes.Span.IndexOf("\\ud"u8) >= 0 || bytes.Span.IndexOf("\\uD"u8) >= 0)
            {
                CheckTexts(root);
            }

            return root.ValueKind == JsonValueKind.Object
                ? root.EnumerateObject()
                    .GroupBy(p => p.Name, StringComparer.Ordinal)
                    .ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal)
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
        catch (InvalidOperationException)
        {
            throw new ServerlessException(ErrorCodes.BadRequest, "The request body contains an unpaired surrogate, such as \\ud83d.");
        }
    }

    /// <summary>
    /// JSON can escape an unpaired surrogate, which is not valid text. It is rejected here, before anything reads the text.
    /// </summary>
    private static void CheckTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    CheckTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    _ = property.Name;
                    CheckTexts(property.Value);
                }

                break;
        }
    }
}

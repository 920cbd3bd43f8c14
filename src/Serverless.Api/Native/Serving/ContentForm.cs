namespace Serverless.Api.Native.Serving;

/// <summary>The format of an invocation's body, from its Content-Type.</summary>
internal enum ContentForm
{
    Json,
    Csv,
    Parquet,
}

internal static class ContentForms
{
    public static ContentForm Parse(string? contentType)
    {
        var parts = (contentType ?? "").Split(';', StringSplitOptions.TrimEntries);
        var parameters = parts.Skip(1).Where(p => p.Length > 0).Select(p => p.Split('=', 2)).ToList();
        var charset = parameters.FirstOrDefault(p => p[0] == "charset") is { Length: 2 } pair ? pair[1] : "utf-8";
        if (!charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw InvocationErrors.MediaType("The scoring server only supports UTF-8");
        }

        if (parameters.Where(p => p[0] != "charset").Select(p => p[0]).ToList() is { Count: > 0 } unknown)
        {
            throw InvocationErrors.MediaType(
                $"Unrecognized content type parameters: {string.Join(", ", unknown)}. {InvocationErrors.ProtocolChange}"
            );
        }

        return parts[0] switch
        {
            "application/json" => ContentForm.Json,
            "text/csv" => ContentForm.Csv,
            "application/vnd.apache.parquet" => ContentForm.Parquet,
            _ => throw InvocationErrors.MediaType(
                "This predictor only supports the following content types: Types: ['text/csv', 'application/json', "
                    + "'application/vnd.apache.parquet']. "
                    + $"Got '{contentType}'."
            ),
        };
    }
}

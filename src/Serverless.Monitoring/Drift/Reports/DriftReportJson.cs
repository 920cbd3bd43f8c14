using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Core;

namespace Serverless.Monitoring.Drift.Reports;

internal static class DriftReportJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    };

    public static DriftReport Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<DriftReport>(json, Options) ?? throw new JsonException("The document is null.");
        }
        catch (JsonException error)
        {
            throw ServerlessException.Invalid($"The content is not a drift report: {error.Message}");
        }
    }
}

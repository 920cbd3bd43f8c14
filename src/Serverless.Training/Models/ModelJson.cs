using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.Training;

/// <summary>JSON as this room writes it into files: people read it, so quotes and umlauts stay what they are.</summary>
internal static class ModelJson
{
    public static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonSerializerOptions Indented = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };
}

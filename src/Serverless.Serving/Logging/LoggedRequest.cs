using System.Text.Json;

namespace Serverless.Serving.Logging;

/// <summary>What a label is checked against: the request's number of rows, and the type of prediction.</summary>
/// <param name="IsNumber">True if the model predicts a number.</param>
internal sealed record LoggedRequest(int Rows, string? Positive, string? Negative, bool IsNumber)
{
    /// <summary>Reads the first fields of a line. Null if the line is truncated before them.</summary>
    public static (string Request, LoggedRequest Logged)? Parse(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        string? request = null,
            positive = null,
            negative = null;
        var (rows, isNumber) = (-1, false);
        try
        {
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var name = json.GetString();
                json.Read();
                switch (name)
                {
                    case "request":
                        request = json.GetString();
                        break;
                    case "rows":
                        rows = json.GetInt32();
                        break;
                    case "positive":
                        positive = json.GetString();
                        break;
                    case "negative":
                        negative = json.GetString();
                        break;
                    case "number":
                        isNumber = json.GetBoolean();
                        break;
                    case "version":
                        return request is null || rows < 0 ? null : (request, new LoggedRequest(rows, positive, negative, isNumber));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // The host died while writing.
        }

        return null;
    }
}

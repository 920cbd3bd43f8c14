namespace Serverless.Tracking.Runs;

/// <summary>Builds the URIs of run artifacts.</summary>
public static class ArtifactUris
{
    /// <summary>Appends to the path of a URI. A query or fragment stays at its end.</summary>
    public static string Append(string uri, string path)
    {
        var end = uri.IndexOfAny(['?', '#']);
        return end < 0 ? $"{uri.TrimEnd('/')}/{path}" : $"{uri[..end].TrimEnd('/')}/{path}{uri[end..]}";
    }
}

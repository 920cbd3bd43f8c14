namespace Serverless.Tracking.Runs;

/// <summary>Where artifacts of a run are, as a URI.</summary>
public static class ArtifactUris
{
    /// <summary>Adds to the path of a URI; a query or fragment stays at its end.</summary>
    public static string Append(string uri, string path)
    {
        var end = uri.IndexOfAny(['?', '#']);
        return end < 0 ? $"{uri.TrimEnd('/')}/{path}" : $"{uri[..end].TrimEnd('/')}/{path}{uri[end..]}";
    }
}

namespace Serverless.Data.Files;

/// <summary>The way DVC computes the digest of a file.</summary>
public enum HashKind
{
    /// <summary>The MD5 of the bytes: DVC 3, `hash: md5` in a pointer.</summary>
    Md5,

    /// <summary>The MD5 with the line endings of text converted to Unix style: DVC 2, a pointer without `hash`.</summary>
    Md5Dos2Unix,
}

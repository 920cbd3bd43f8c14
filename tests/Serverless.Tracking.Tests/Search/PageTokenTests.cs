using System.Text;
using Serverless.Core;
using Serverless.Tracking.Search;

namespace Serverless.Tracking.Tests.Search;

public sealed class PageTokenTests
{
    [Fact]
    public void A_token_is_MLflows()
    {
        Assert.Equal("eyJvZmZzZXQiOiA1MH0=", PageToken.Create(50));
        Assert.Equal(50, PageToken.ParseOffset("eyJvZmZzZXQiOiA1MH0="));
        Assert.Equal(7, PageToken.ParseOffset(Encode("{\"offset\": \"7\"}")));
        Assert.Equal(0, PageToken.ParseOffset(null));
        Assert.Equal(0, PageToken.ParseOffset(""));
    }

    [Theory]
    [InlineData("{}", "Invalid page token, parsed value={}")]
    [InlineData("{\"offset\": \"a\"}", "Invalid page token, not stringable a")]
    [InlineData("{\"offsoot\": 7}", "Invalid page token, parsed value={'offsoot': 7}")]
    [InlineData("{\"offset\": -7}", "Invalid page token, parsed value={'offset': -7}")]
    [InlineData("[1]", "Invalid page token, parsed value=[1]")]
    [InlineData("not json", "Invalid page token, decoded value=b'not json'")]
    public void A_bad_token_says_what_it_holds(string content, string message) =>
        Assert.Equal(message, Assert.Throws<ServerlessException>(() => PageToken.ParseOffset(Encode(content))).Message);

    [Theory]
    [InlineData("not base64")]
    [InlineData("evilhax")]
    public void No_base64(string token) =>
        Assert.Equal(
            "Invalid page token, could not base64-decode",
            Assert.Throws<ServerlessException>(() => PageToken.ParseOffset(token)).Message
        );

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

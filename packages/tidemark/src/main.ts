console.log("tidemark")
